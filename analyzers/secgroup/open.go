package secgroup

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// unroutable are the parts of the address space from which nobody on the
// Internet comes. A source that leaves out only these is still everybody.
var unroutable = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("::/3"), netip.MustParsePrefix("4000::/2"), netip.MustParsePrefix("8000::/1"),
}

// maxBits ends the search for gaps: prefixes longer than that are too small to
// stand for the Internet.
const maxBits = 16

// Open is the first prefix of a list, or a single prefix, that lets in the
// whole Internet, alone or together with the others, and whether there is one.
// It is Unsure when there is none and a part is unknown.
func Open(cidrs graph.Value) (graph.Value, graph.Tri) {
	var first, unknown graph.Value
	var prefixes []netip.Prefix
	for v := range iam.Texts(cidrs) {
		text, known := v.Text("")
		if !known {
			unknown = v
			continue
		}
		for part := range strings.SplitSeq(text, ",") { // the registry's module takes a list in a string
			p, err := netip.ParsePrefix(strings.TrimSpace(part))
			if err != nil || p.Masked() != p {
				continue // the provider does not take host bits: 1.0.0.0/0
			}
			if p.Bits() == 0 {
				return v, graph.True
			}
			if len(prefixes) == 0 {
				first = v
			}
			prefixes = append(prefixes, p)
		}
	}
	if len(prefixes) > 1 && (everybody(prefixes, netip.PrefixFrom(netip.IPv4Unspecified(), 0)) || everybody(prefixes, netip.PrefixFrom(netip.IPv6Unspecified(), 0))) {
		return first, graph.True
	}
	if unknown.Kind() == graph.Unknown {
		return unknown, graph.Unsure
	}
	return cidrs, graph.False
}

func everybody(prefixes []netip.Prefix, p netip.Prefix) bool {
	overlap := false
	for _, q := range append(slices.Clip(unroutable), prefixes...) {
		if q.Addr().BitLen() != p.Addr().BitLen() || !q.Overlaps(p) {
			continue
		}
		if q.Bits() <= p.Bits() {
			return true
		}
		overlap = true
	}
	if !overlap || p.Bits() >= maxBits {
		return false
	}
	low, high := halves(p)
	return everybody(prefixes, low) && everybody(prefixes, high)
}

// halves are the two prefixes that are one bit longer.
func halves(p netip.Prefix) (low, high netip.Prefix) {
	b := p.Addr().AsSlice()
	b[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	upper, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(upper, p.Bits()+1)
}

// Package image reads container images: what their manifest and configuration
// say, how they were built and what lies in them.
//
// An image comes from a registry, an OCI layout or an archive of either kind.
// Each of these is a [store], which has manifests and blobs by their digest; all
// that is known of images is written once, on top of it. Layers pass by as
// streams and are never unpacked: names in them are text, links are not
// followed, and only files that somebody wants are read, into bounded memory.
// What is read is held against its digest. What a registry sends broken is read
// again from its beginning, with what was known before it.
//
// Everything is a stranger's input, registries and archives alike. Bytes,
// entries, names, expansion and time are bounded by [Limits]; what goes over
// one is a gap of the image, or a [Failure] to read it at all. Where a layer
// could not be read nothing is said about files and packages: it may have
// taken away, or mended, whatever the other layers have.
//
// The network is touched by the registry's store alone, and not at all when the
// images are to be found in a directory.
package image

package main

import (
	"github.com/spf13/cobra"
)

func imageCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "image REF|PATH...",
		Short: "Analyse container images alone",
		Long: "Image reads container images and reports what the rules about images find. Each\n" +
			"argument is a reference, which is read from its registry with the credentials of\n" +
			"docker, or the path of an OCI layout or of an archive (docker save, OCI; also\n" +
			"compressed with gzip or zstd), of which every image is read. What is a path that\n" +
			"exists is read as one.\n\n" +
			"Layers are read as streams and nothing is unpacked to disk.\n\n" +
			"Exit codes: 0 clean; 1 findings; 2 wrong usage; 3 an image could not be read.",
		Example: "  seaworthy image registry.example.com/shop/api:1.2\n" +
			"  seaworthy image --platform linux/arm64 nginx:1.27\n" +
			"  seaworthy image build/api.tar --format json",
		Args: arguments(1, many),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := locateAll(nil)
			if err != nil {
				return err
			}
			at.under = nil
			o.images.asked, o.baseline.none = args, true
			return o.analyse(cmd, at, nil)
		},
	}
	flags := cmd.Flags()
	o.registerOutput(flags)
	o.registerSelection(flags)
	o.registerShared(flags)
	o.images.registerSource(flags)
	return cmd
}

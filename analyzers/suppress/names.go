package suppress

// Check is the name of another tool's check as rules have it in Same, by any
// of the names that the tool takes: "tfsec", "aws-s3-enable-versioning" gives
// "trivy:AWS-0090". It is "all" for what stands for every check.
func Check(tool, name string) string {
	switch tool {
	case "trivy", "tfsec":
		return trivyCheck(name)
	}
	return tool + ":" + name
}

// Package image reads container images: what their manifest and configuration
// say, how they were built and what lies in them.
package image

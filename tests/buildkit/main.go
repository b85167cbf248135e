// BuildKit's own checks of a Dockerfile, those of `docker build --check`, with neither daemon nor network, and the
// configuration of the image that it would build.
// One JSON object a file on standard output: {"file", "warnings": […], "error": …, "config": …}.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/opencontainers/go-digest"
)

// noRegistry says of every base image that it is an empty Linux one: the checks read nothing else of it.
type noRegistry struct{}

func (noRegistry) ResolveImageConfig(_ context.Context, name string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin:/bin"]}}`)
	return name, digest.FromBytes(config), config, nil
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		source := llb.NewSourceMap(nil, file, "Dockerfile", text)
		source.Definition = &llb.Definition{}
		options := dockerfile2llb.ConvertOpt{MetaResolver: noRegistry{}, SourceMap: source}
		found, err := dockerfile2llb.DockerfileLint(context.Background(), text, options)
		if err != nil {
			log.Fatalf("%s: %v", file, err)
		}
		answer := map[string]any{"file": file, "warnings": found.Warnings, "error": found.Error}
		if built, err := dockerfile2llb.Dockerfile2LLB(context.Background(), text, options); err == nil {
			answer["config"] = built.Image.Config
		}
		answers.Encode(answer)
	}
}

// What `docker buildx bake --print` makes of a bake file, with neither daemon nor network: one JSON object on standard
// output, {"targets": {name: target}}. Variables are taken from the environment, as buildx takes them; arguments after the
// file are overrides as `--set` has them.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/docker/buildx/bake"
)

func main() {
	file := os.Args[1]
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	files := []bake.File{{Name: file, Data: text}}
	targets, _, err := bake.ReadTargets(context.Background(), files, []string{"default"}, os.Args[2:], nil, &bake.EntitlementConf{})
	if err != nil {
		log.Fatal(err)
	}
	// The conversion refuses what a build would refuse.
	if _, err := bake.TargetsToBuildOpt(targets, &bake.Input{}); err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"targets": targets}); err != nil {
		log.Fatal(err)
	}
}

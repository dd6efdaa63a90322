// Reads a Compose file with the library that docker compose itself uses, and a Dockerfile with BuildKit's parser and
// linter (what `docker build --check` runs). No engine is needed.
//
//	checker compose FILE [ENV_FILE]   prints the resolved project as JSON, with the profiles that COMPOSE_PROFILES names
//	checker dockerfile FILE           prints the linter's warnings, one a line; exit 1 when there is one
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: checker compose FILE [ENV_FILE] | checker dockerfile FILE"))
	}
	switch os.Args[1] {
	case "compose":
		fail(compose(os.Args[2], os.Args[3:]))
	case "dockerfile":
		fail(dockerfile(os.Args[2]))
	default:
		fail(fmt.Errorf("%s: neither compose nor dockerfile", os.Args[1]))
	}
}

func compose(file string, environment []string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithEnvFiles(environment...), cli.WithDotEnv,
		cli.WithDefaultProfiles(), cli.WithResolvedPaths(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(project)
}

func dockerfile(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return err
	}
	found := 0
	warn := func(rule, description, url, message string, _ []parser.Range) {
		found++
		fmt.Println(rule + ": " + message)
	}
	if _, _, err = instructions.Parse(parsed.AST, linter.New(&linter.Config{Warn: warn})); err != nil {
		return err
	}
	if found > 0 {
		return fmt.Errorf("%s: %d warnings", file, found)
	}
	return nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// SPDX-License-Identifier: MIT
//
// go-git: clones, prints what it reads, commits a file, pushes.  See interop.bats.
//
//	with_gogit URL DIRECTORY BRANCH PATH FILE
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-git/go-git"
	"github.com/go-git/go-git/config"
	"github.com/go-git/go-git/plumbing/object"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(repository *git.Repository) {
	head, err := repository.Head()
	must(err)
	fmt.Println("HEAD", head.Hash())
	commits := 0
	log, err := repository.Log(&git.LogOptions{From: head.Hash()})
	must(err)
	must(log.ForEach(func(*object.Commit) error { commits++; return nil }))
	fmt.Println("commits", commits)
	commit, err := repository.CommitObject(head.Hash())
	must(err)
	files, err := commit.Files()
	must(err)
	must(files.ForEach(func(file *object.File) error {
		fmt.Printf("%06o %s %s\n", uint32(file.Mode), file.Hash, file.Name)
		return nil
	}))
}

func main() {
	url, directory, branch, path, file := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	repository, err := git.PlainClone(directory, false, &git.CloneOptions{URL: url})
	must(err)
	show(repository)
	text, err := os.ReadFile(file)
	must(err)
	place := filepath.Join(directory, path)
	must(os.MkdirAll(filepath.Dir(place), 0o755))
	must(os.WriteFile(place, text, 0o644))
	work, err := repository.Worktree()
	must(err)
	_, err = work.Add(path)
	must(err)
	who := &object.Signature{Name: "gogit", Email: "gogit@example.net", When: time.Now()}
	pushed, err := work.Commit("by go-git\n", &git.CommitOptions{Author: who})
	must(err)
	head, err := repository.Head()
	must(err)
	must(repository.Push(&git.PushOptions{RefSpecs: []config.RefSpec{
		config.RefSpec(head.Name().String() + ":refs/heads/" + branch)}}))
	fmt.Println("pushed", pushed)
}

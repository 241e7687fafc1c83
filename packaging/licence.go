package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// licencesFile is what every package has: our licence, and those of everything that is compiled in.
const licencesFile = "licences.txt"

// licenceTexts are our licence and those of Go and of the modules in a program, with their notices: their owners ask that whoever passes programs
// on passes these on too. A module that has none is an error.
func licenceTexts(info *debug.BuildInfo, goroot, cache string) ([]byte, error) {
	own, err := os.ReadFile("LICENSE")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, _ = fmt.Fprintf(&b, "Veille\n\n%s", own)
	add := func(name, folder string) error {
		files, err := licenceFiles(folder, "LICENSE", "LICENCE", "COPYING", "NOTICE")
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(&b, "\n%s\n%s, %s\n\n%s\n", strings.Repeat("=", 80), name, filepath.Base(file), bytes.TrimSpace(text))
		}
		if err == nil && len(files) == 0 {
			err = fs.ErrNotExist
		}
		return err
	}
	if err := add(info.GoVersion, goroot); err != nil && !errors.Is(err, fs.ErrNotExist) { // a distribution's Go has it elsewhere, and golang.org/x the same one
		return nil, err
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if err := add(m.Path+" "+m.Version, folderOf(m, cache)); err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", m.Path, err)
		}
	}
	return b.Bytes(), nil
}

// licenceFiles are the files in a folder whose names begin with one of some words, in the order of their names.
func licenceFiles(folder string, words ...string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		for _, w := range words {
			if !e.IsDir() && strings.HasPrefix(strings.ToUpper(e.Name()), w) {
				files = append(files, filepath.Join(folder, e.Name()))
				break
			}
		}
	}
	return files, nil
}

// licenceIn names the licence of the module in a folder, by its SPDX identifier; "" where there is none or it is not one of those that can be
// told apart surely. Where a module has several files of licences it has none that is named.
func licenceIn(folder string) string {
	files, err := licenceFiles(folder, "LICENSE", "LICENCE", "COPYING")
	if err != nil {
		return ""
	}
	found := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		id := licenceOf(string(text))
		if id == "" || found != "" && found != id {
			return ""
		}
		found = id
	}
	return found
}

// licenceOf names a licence by sentences that only its text has, and "" where those of several are in it.
func licenceOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	has := func(sentences ...string) bool {
		for _, s := range sentences {
			if !strings.Contains(text, s) {
				return false
			}
		}
		return true
	}
	const bsd = "redistribution and use in source and binary forms, with or without modification, are permitted"
	var ids []string
	for id, is := range map[string]bool{
		"Apache-2.0":   has("apache license version 2.0", "terms and conditions for use, reproduction, and distribution"),
		"MPL-2.0":      has("mozilla public license version 2.0"),
		"MIT":          has("permission is hereby granted, free of charge, to any person obtaining a copy", "without restriction, including without limitation the rights to use, copy, modify"),
		"ISC":          has("permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"),
		"BSD-3-Clause": has(bsd, "may be used to endorse or promote products"),
		"BSD-2-Clause": has(bsd) && !has("endorse or promote products") && !has("all advertising materials"),
	} {
		if is {
			ids = append(ids, id)
		}
	}
	if len(ids) != 1 {
		return ""
	}
	return ids[0]
}

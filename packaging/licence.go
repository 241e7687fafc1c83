package main

import (
	"os"
	"path/filepath"
	"strings"
)

// licenceIn names the licence of the module in a folder, by its SPDX identifier; "" where there is none or it is not one of those that can be
// told apart surely. Where a module has several files of licences it has none that is named.
func licenceIn(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	found := ""
	for _, e := range entries {
		base := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(base, "LICENSE") && !strings.HasPrefix(base, "LICENCE") && !strings.HasPrefix(base, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
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

package wire

import _ "embed" // the published schema

// Schema is the JSON Schema (draft 2020-12) of a Batch. It describes the shape; Validate says what must balance.
//
//go:embed record.schema.json
var Schema []byte

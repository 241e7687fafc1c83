package dashboards

import (
	_ "embed" // the description of the API
	"net/http"
)

// openAPI describes in OpenAPI 3.1 what programs may read. Tests hold it against the routes and against what they answer.
//
//go:embed openapi.json
var openAPI []byte

// describe serves the description, to everybody: it tells of no organisation.
func (h *Handler) describe() {
	h.mux.HandleFunc("GET /api/v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		h.keep(w, r, "application/json; charset=utf-8", "no-cache", openAPI)
	})
}

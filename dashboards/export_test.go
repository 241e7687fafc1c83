package dashboards

// OpenAPI is the description of the API as it is served.
func OpenAPI() []byte { return openAPI }

package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 1 << 20

// reply is what the collector answered.
type reply struct {
	code   int
	status string // the code and its words
	header http.Header
	text   []byte
}

// post sends a JSON body to the collector, with the password or token that it answers to, and reads the answer to its end.
// encoding is that of the body, "" for none.
func post(ctx context.Context, client *http.Client, address, password, encoding string, body io.Reader) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	if encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	return exchange(client, request, password)
}

// get asks the collector for something that has not changed, if it still has the tag.
func get(ctx context.Context, client *http.Client, address, password, tag string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("If-None-Match", tag)
	return exchange(client, request, password)
}

func exchange(client *http.Client, request *http.Request, password string) (reply, error) {
	request.Header.Set("Authorization", "Bearer "+password)
	response, err := client.Do(request)
	if err != nil {
		return reply{}, fmt.Errorf("%w; check the address and that the collector is running", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return reply{}, fmt.Errorf("read the answer: %w", err)
	}
	return reply{response.StatusCode, response.Status, response.Header, bytes.TrimSpace(answer)}, nil
}

// Package intaketest sends bodies as hostile senders do.
package intaketest

import "io"

// Stalling is a body of which the rest never comes: when all that Reader has was read it closes Sent, waits until Gone is closed, and ends then
// with io.ErrUnexpectedEOF.
type Stalling struct {
	io.Reader
	Sent chan struct{}
	Gone <-chan struct{}
}

// Read reads what was sent.
func (s Stalling) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if n == 0 && err != nil {
		close(s.Sent)
		<-s.Gone
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

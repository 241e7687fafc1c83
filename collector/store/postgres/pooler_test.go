package postgres_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"veille/collector/store/postgres"
)

// pooler answers each connection at an address of its own, to which url then leads.
func pooler(t *testing.T, answer func(client net.Conn)) (url string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = client.Close() }()
				answer(client)
			}()
		}
	}()
	return strings.Replace(shared.Database(t), shared.Address, l.Addr().String(), 1)
}

// through passes everything on, but for the number of the connection: a pooler has numbers of its own.
func through(client net.Conn) {
	server, err := net.Dial("tcp", shared.Address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { _, _ = io.Copy(server, client) }()
	for {
		head := make([]byte, 5) // a letter, and a length that counts itself
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil {
			return
		}
		if head[0] == 'K' {
			body[3]++
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// refusing is what PgBouncer says of settings that it does not know.
func refusing(client net.Conn) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(client, head); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, client, int64(binary.BigEndian.Uint32(head))-4); err != nil {
		return
	}
	body := "SFATAL\x00VFATAL\x00C08P01\x00Munsupported startup parameter: search_path\x00\x00"
	_, _ = client.Write(append(binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(body)+4)), body...))
}

func TestAPoolerOfConnectionsIsRefused(t *testing.T) {
	for name, answer := range map[string]func(net.Conn){"that passes all on": through, "that knows not all settings": refusing} {
		t.Run(name, func(t *testing.T) {
			url := pooler(t, answer)
			if _, err := postgres.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "is no PostgreSQL but a pooler of connections, like PgBouncer: give the address of PostgreSQL itself") {
				t.Errorf("%v", err)
			}
		})
	}
}

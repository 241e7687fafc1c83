package relational

import (
	"context"
	"database/sql"
	"fmt"
)

// versionOfMeters is the version from which on meters post.
const versionOfMeters = 11

// meters checks the posts of meters, and the blocks that they are folded into.
func (c checking) meters(ctx context.Context) error {
	if c.findings.Version < versionOfMeters {
		return nil
	}
	err := c.bodies(ctx, "SELECT id, 0, body FROM meter_post", "post %d of meters", func(_ blockKey, body []byte) error {
		_, err := openMeters(body)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the posts of meters: %w", err)
	}
	err = c.bodies(ctx, "SELECT meter, day, body FROM meter_block", "samples of meter %d", func(k blockKey, body []byte) error {
		_, err := unpackBlock(k, body)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the samples of meters: %w", err)
	}
	err = c.bodies(ctx, "SELECT id, 0, past FROM meter WHERE past <> ''", "meter %d", func(_ blockKey, text []byte) error {
		_, err := openPast(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the last samples of meters that were deleted: %w", err)
	}
	return nil
}

// bodies gives each body to open, and notes those that are not as they were written.
func (c checking) bodies(ctx context.Context, query, what string, open func(blockKey, []byte) error) error {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for bad := 0; rows.Next(); {
		var k blockKey
		var body sql.RawBytes
		if err := rows.Scan(&k.meter, &k.day, &body); err != nil {
			return err
		}
		bad = c.note(bad, open(k, body), what, k.meter)
	}
	return rows.Err()
}

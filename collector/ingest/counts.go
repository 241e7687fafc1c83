package ingest

import "sync/atomic"

// Counts are what became of messages and records since the start. They tell of no machine by itself.
type Counts struct {
	Stored   atomic.Int64 // records: the first of their date and hour
	Replaced atomic.Int64 // records that cover more than the one before
	Kept     atomic.Int64 // records that cover no more than the one before
	Refused  atomic.Int64 // records that can never be accepted

	Answered   atomic.Int64 // batches, each record of which got a verdict
	Restored   atomic.Int64 // batches of machines that were told of more records than there are
	Unreadable atomic.Int64 // messages that cannot be understood
	TooLarge   atomic.Int64 // messages that are too large
	Newer      atomic.Int64 // messages of a later version
	Late       atomic.Int64 // messages that did not arrive in time
	Strangers  atomic.Int64 // messages with a password or token that is not good
	Hasty      atomic.Int64 // messages of a machine that posts too often
	Busy       atomic.Int64 // messages for which there was no memory
	Failed     atomic.Int64 // messages that could not be put on disk
	Enrolled   atomic.Int64 // machines given a password
}

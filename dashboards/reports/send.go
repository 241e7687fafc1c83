package reports

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"veille/collector"
	"veille/collector/label"
	"veille/collector/report"
	"veille/dashboards/frame"
)

// fileShown is a file that a page leads to.
type fileShown struct{ Href, Words string }

// formats are those in which a kept report is handed out.
func formats() []string { return []string{"html", "xlsx", "csv", "json"} }

// files are those of a kept report.
func files(q frame.Request, id int64) []fileShown {
	list := make([]fileShown, 0, len(formats()))
	for _, f := range formats() {
		list = append(list, fileShown{path(id) + "/file/" + f, q.Say("reports.file." + f)})
	}
	return list
}

// send is a kept report as a file, in the language of the reader.
func (p *Pages) send(ctx context.Context, q frame.Request) (frame.Sent, error) {
	format := q.HTTP.PathValue("format")
	if !slices.Contains(formats(), format) {
		return frame.Sent{}, collector.ErrNotFound
	}
	x, r, err := p.frozen(ctx, q)
	if err != nil {
		return frame.Sent{}, err
	}
	sent := frame.Sent{Name: fmt.Sprintf("veille-%s-%s-%s-%d-%s.%s", x.Template, x.From, x.To, x.ID, q.Code, format), Type: "application/json; charset=utf-8", Bytes: x.JSON}
	if format == "json" { // as it was sealed: the same in every language
		sent.Name = fmt.Sprintf("veille-%s-%s-%s-%d.json", x.Template, x.From, x.To, x.ID)
		return sent, nil
	}
	write, media := writer(format)
	var b bytes.Buffer
	if err := write(&b, r, q.Code); err != nil {
		return frame.Sent{}, fmt.Errorf("write the kept report %d as %s: %w", x.ID, format, err)
	}
	sent.Type, sent.Bytes = media, b.Bytes()
	return sent, nil
}

// writer is what writes a format, and its media type.
func writer(format string) (write func(io.Writer, label.Report, string) error, media string) {
	switch format {
	case "html":
		return report.HTML, "text/html; charset=utf-8"
	case "xlsx":
		return report.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return report.CSV, "text/csv; charset=utf-8"
}

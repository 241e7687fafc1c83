package listen

import (
	"context"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// Metrics are figures about this program in Prometheus' text format, on a registry of their own. Those of ours begin with "veille_",
// which the methods add. A label has values that are listed when it is made, or that name
// servers, so none can name a machine or a person.
//
// This package has:
//
//	veille_connections_open                    gauge    connections that are open
//	veille_connections_closed_for_room_total   counter  connections closed to make room for new ones
//	veille_handler_panics_total                counter  requests whose handler panicked
//	veille_tls_certificate_days_left           gauge    days until the first certificate expires; absent without one
//	veille_well{check="…"}                     gauge    1, or 0 if that check of health fails
//	go_…, process_…                                     Go's runtime and the process, by client_golang
//
// The methods that make a figure panic if its name is taken or is not one: that is a mistake in the program.
type Metrics struct {
	registry *prometheus.Registry // shown when they are due
	prompt   *prometheus.Registry // of figures that say nothing of messages: shown as they are
	due      func() bool          // nil: always

	mu   sync.Mutex
	last []*dto.MetricFamily // of the registry, as they were when they were due
}

const namespace = "veille"

// NewMetrics answers metrics of the runtime and the process only.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewPedanticRegistry(), prompt: prometheus.NewPedanticRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Counter makes a figure that only grows; its name ends in _total.
func (m *Metrics) Counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

// CounterFunc makes a counter that somebody else keeps.
func (m *Metrics) CounterFunc(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, read))
}

// Gauge makes a figure that is read whenever it is asked for. What is not known is absent, not zero.
func (m *Metrics) Gauge(name, help string, read func() (value float64, known bool)) {
	m.registry.MustRegister(newGauge(name, help, read))
}

// Each makes a gauge with one value for each of the things that read answers, which a label names: things of the server, never of a machine
// or a person. No answer: there is no value.
func (m *Metrics) Each(name, help, label string, read func() map[string]float64) {
	m.registry.MustRegister(several{desc: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, []string{label}, nil), read: func() (all []Sample) {
		for of, value := range read() {
			all = append(all, Sample{[]string{of}, value})
		}
		return all
	}})
}

// Sample is one value of a figure with labels.
type Sample struct {
	Labels []string // values, in the order of the names
	Value  float64
}

// Prompt makes a gauge with one value for each sample that read answers, which is shown as it is, whatever Calm says: it must not change with a
// message. Its labels are as those of Each.
func (m *Metrics) Prompt(name, help string, labels []string, read func() []Sample) {
	m.prompt.MustRegister(several{desc: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil), read: read})
}

// Health makes veille_well, with the checks of h.
func (m *Metrics) Health(h *Health) {
	m.prompt.MustRegister(wellness{health: h, desc: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "well"), "1, or 0 if that check of health fails.", []string{"check"}, nil)})
}

// certificate makes the figure of the days that a certificate has left.
func (m *Metrics) certificate(left func() (days float64, known bool)) {
	m.prompt.MustRegister(newGauge("tls_certificate_days_left", "Days until the certificate expires; negative afterwards, absent without one.", left))
}

// Calm lets all figures but veille_well, the days that a certificate has left and those of Prompt stay as they are until due answers true, which it is
// asked each time that somebody reads them. Whoever reads counters every few seconds sees when each message came, be it from the memory
// that was allocated for it; and where few machines are, whose it was. It must be called before the figures are read.
func (m *Metrics) Calm(due func() bool) { m.due = due }

// gather is what is shown of those that are not prompt. They are not even read before they are due.
func (m *Metrics) gather() (_ []*dto.MetricFamily, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.due == nil || m.due() || m.last == nil {
		m.last, err = m.registry.Gather()
	}
	return m.last, err
}

// Handler answers the figures. They are for one reader or two, on a separate address that the world does not reach.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{prometheus.GathererFunc(m.gather), m.prompt}, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
}

type gauge struct {
	desc *prometheus.Desc
	read func() (float64, bool)
}

func newGauge(name, help string, read func() (float64, bool)) gauge {
	return gauge{desc: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil), read: read}
}

// Describe is of prometheus.Collector.
func (g gauge) Describe(out chan<- *prometheus.Desc) { out <- g.desc }

// Collect is of prometheus.Collector.
func (g gauge) Collect(out chan<- prometheus.Metric) {
	if value, known := g.read(); known {
		out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value)
	}
}

// several is a gauge with labels.
type several struct {
	desc *prometheus.Desc
	read func() []Sample
}

// Describe is of prometheus.Collector.
func (s several) Describe(out chan<- *prometheus.Desc) { out <- s.desc }

// Collect is of prometheus.Collector.
func (s several) Collect(out chan<- prometheus.Metric) {
	for _, x := range s.read() {
		out <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, x.Value, x.Labels...)
	}
}

type wellness struct {
	health *Health
	desc   *prometheus.Desc
}

// Describe is of prometheus.Collector.
func (w wellness) Describe(out chan<- *prometheus.Desc) { out <- w.desc }

// Collect is of prometheus.Collector.
func (w wellness) Collect(out chan<- prometheus.Metric) {
	errs, err := w.health.ask(context.Background())
	if err != nil {
		return
	}
	for i, check := range w.health.checks {
		well := 1.0
		if errs[i] != nil {
			well = 0
		}
		out <- prometheus.MustNewConstMetric(w.desc, prometheus.GaugeValue, well, check.Name)
	}
}

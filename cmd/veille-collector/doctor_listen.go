package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// askAt gets an address, without a proxy, and answers what was said first. at is where to connect to in the place of what the address names; "": there.
func askAt(ctx context.Context, address, at string, trust *tls.Config) (status int, said string, err error) {
	limited, done := context.WithTimeout(ctx, patience)
	defer done()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	client := http.Client{
		Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true, DialContext: func(ctx context.Context, network, named string) (net.Conn, error) {
			if at != "" {
				named = at
			}
			return new(net.Dialer).DialContext(ctx, network, named)
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	return answer.StatusCode, string(text), err
}

// ofListen looks whether the collector answers where it is to listen, or whether that is free.
func (d *doctor) ofListen(ctx context.Context) {
	const check = "listen"
	host, port, err := net.SplitHostPort(d.listen)
	if err != nil {
		return // said of the flags already
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	at := net.JoinHostPort(host, port)
	if n, _ := strconv.Atoi(port); n == 0 {
		d.add(notAsked, check, d.in("--listen %s is a port that is drawn at each start", "--listen %s est un port tiré chaque fois que serve démarre", d.listen), "")
		return
	}
	status, said, err := d.askListener(ctx, at)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) && d.process.held:
		d.add(wrong, check, d.in("a collector serves from %s, and nobody answers at %s", "un collecteur sert depuis %s, et personne ne répond à %s", d.dir, at),
			d.in("look whether it was started with another --listen, and at its log", "voir s'il fut démarré avec un autre --listen, et son journal"))
	case errors.Is(err, syscall.ECONNREFUSED):
		d.add(advised, check, d.in("no collector runs: nobody listens at %s, which is free", "aucun collecteur ne tourne : personne n'écoute à %s, qui est libre", at), d.in("start it: systemctl start veille-collector", "le démarrer : systemctl start veille-collector"))
	case err != nil:
		d.add(wrong, check, d.in("what listens at %s does not answer as this collector would: %v", "ce qui écoute à %s ne répond pas comme ce collecteur : %v", at, err),
			d.in("where it is another program, stop it, or choose another --listen; where the certificate is another than that of --tls-cert, restart the collector", "si c'est un autre programme, l'arrêter, ou choisir un autre --listen ; si le certificat n'est pas celui de --tls-cert, redémarrer le collecteur"))
	default:
		d.answers = d.ofHealth(check, at, status, said)
	}
}

// askListener asks for the health of the collector itself, by the certificate that it is to have.
func (d *doctor) askListener(ctx context.Context, at string) (status int, said string, err error) {
	if d.certificate == "" && len(d.acme.Hosts) == 0 {
		return askAt(ctx, "http://"+at+"/healthz", "", nil)
	}
	trusted, err := x509.SystemCertPool()
	if err != nil {
		return 0, "", err
	}
	name := d.host()
	if text, missing := os.ReadFile(d.certificate); d.certificate != "" && missing == nil {
		trusted.AppendCertsFromPEM(text) // those that it shows
		if pair, broken := tls.LoadX509KeyPair(d.certificate, d.key); broken == nil && name == "" {
			name = certificateName(pair.Leaf)
		}
	} else if d.certificate == "" {
		name = d.acme.Hosts[0]
		if leaf, missing := d.issued(name); missing == nil {
			trusted.AddCert(leaf)
		}
	}
	if name == "" {
		name = "localhost"
	}
	return askAt(ctx, "https://"+name+"/healthz", at, &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12})
}

// certificateName is a name that a certificate is good for.
func certificateName(leaf *x509.Certificate) string {
	for _, name := range leaf.DNSNames {
		return strings.Replace(name, "*", "x", 1)
	}
	for _, ip := range leaf.IPAddresses {
		return ip.String()
	}
	return ""
}

// ofHealth says what an answer of /healthz tells, and whether it is one of a collector.
func (d *doctor) ofHealth(check, at string, status int, said string) bool {
	switch {
	case status == http.StatusOK && said == "ok\n":
		d.ok(check, d.in("a collector answers at %s, and is well", "un collecteur répond à %s, et va bien", at))
		return true
	case status == http.StatusServiceUnavailable && strings.HasSuffix(said, ": not well\n"):
		for line := range strings.Lines(said) {
			name, _, _ := strings.Cut(line, ":")
			d.add(wrong, check, d.in("the collector at %s is not well: %s", "le collecteur à %s ne va pas bien : %s", at, name), d.remedy(name))
		}
		return true
	}
	d.add(wrong, check, d.in("what answers at %s is no collector, or one that cannot be reached behind it: it says %d %.60q", "ce qui répond à %s n'est pas un collecteur, ou ne l'atteint pas : il dit %d %.60q", at, status, said),
		d.in("where it is another program, stop it, or choose another --listen; where it is a reverse proxy, let it pass /healthz to the collector", "si c'est un autre programme, l'arrêter, ou choisir un autre --listen ; si c'est un mandataire, lui faire passer /healthz au collecteur"))
	return false
}

// remedy is what to do where a check of /healthz fails.
func (d *doctor) remedy(check string) string {
	switch check {
	case "database":
		return d.in("see folder, room and database above; the log says why it cannot be read or written", "voir folder, room et database plus haut ; le journal dit pourquoi elle ne se lit ou ne s'écrit pas")
	case "integrity":
		return d.in("veille-collector check says what is damaged; restore the newest backup that is not", "veille-collector check dit ce qui est abîmé ; restaurer la dernière sauvegarde qui ne l'est pas")
	case "rollup":
		return d.in("see nights above", "voir nights plus haut")
	case "clock":
		return d.in("see clock above; a clock that was set while it ran is believed after a restart", "voir clock plus haut ; une horloge réglée pendant la marche est crue quand serve redémarre")
	case "disk":
		return d.in("see room above", "voir room plus haut")
	}
	return d.in("its log says why", "son journal dit pourquoi")
}

// ofAddress asks the collector as others do.
func (d *doctor) ofAddress(ctx context.Context) {
	const check = "address"
	base := (&server{serving: &d.serving}).base()
	switch {
	case base == "":
		d.add(notAsked, check, d.in("--address does not say how others reach the collector", "--address ne dit pas comment on atteint le collecteur"), d.in("give it, to have it asked as agents and browsers do", "le donner, pour le demander comme agents et navigateurs"))
		return
	case !d.answers:
		d.add(notAsked, check, d.in("%s is asked when the collector answers at --listen", "%s est demandé quand le collecteur répond à --listen", base), "")
		return
	}
	trusted, err := x509.SystemCertPool()
	if err != nil {
		d.add(wrong, check, err.Error(), d.in("install the system's certificates of authorities (ca-certificates)", "installer les autorités du système (ca-certificates)"))
		return
	}
	if pair, err := tls.LoadX509KeyPair(d.certificate, d.key); err == nil {
		if chain, err := parsed(pair.Certificate); err == nil && chain[len(chain)-1].IsCA {
			trusted.AddCert(chain[len(chain)-1]) // an authority of the house
		}
	}
	status, said, err := askAt(ctx, base+"/healthz", "", &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12})
	if err != nil {
		d.add(wrong, check, d.in("%s does not answer as agents want it: %v", "%s ne répond pas comme le veulent les agents : %v", base, err), d.unreached(err))
		return
	}
	d.ofHealth(check, base, status, said)
}

// unreached is what to do where the collector cannot be asked as others do.
func (d *doctor) unreached(err error) string {
	var unknown *net.DNSError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return d.in("enter the name into the DNS, or correct --address", "inscrire le nom au DNS, ou corriger --address")
	case errors.As(err, &authority):
		return d.in("where its authority is of the house, tell agents by --ca, and this server by its system's certificates; else put the whole chain into the certificate", "si son autorité est de la maison, la dire aux agents par --ca, et à ce serveur par les autorités du système ; sinon mettre toute la chaîne au certificat")
	case errors.As(err, &name):
		return d.in("have the certificate issued for that name, or correct --address", "faire faire le certificat pour ce nom, ou corriger --address")
	case errors.As(err, &invalid):
		return d.in("renew the certificate, and look at the clock", "renouveler le certificat, et regarder l'horloge")
	}
	return d.in("look at the reverse proxy and the firewall; a server behind some routers cannot reach its own name: ask from another machine", "voir le mandataire et le pare-feu ; derrière certains routeurs un serveur n'atteint pas son propre nom : demander d'une autre machine")
}

// spare are the open files that a collector needs beside its connections.
const spare = 256

// ofConnections looks whether as many files may be open as --max-connections wants: of the collector where it runs, else of who asks.
func (d *doctor) ofConnections() {
	const check = "open files"
	limit, known := filesOf(d.process.pid)
	whose := d.in("the collector that runs", "le collecteur qui tourne")
	if d.process.pid == 0 {
		whose = d.in("who asks", "qui demande")
	}
	switch {
	case !known:
		d.add(notAsked, check, d.in("nobody says how many files %s may open", "personne ne dit combien de fichiers peut ouvrir %s", whose), d.in("be root to ask", "demander en tant que root"))
	case d.connections > 0 && limit < uint64(d.connections)+spare:
		d.add(advised, check, d.in("%s may open %d, and --max-connections %d wants %d: fewer connections are taken", "%s peut en ouvrir %d, et --max-connections %d en veut %d : moins de connexions sont prises", whose, limit, d.connections, d.connections+spare),
			d.in("raise LimitNOFILE= of the service", "augmenter LimitNOFILE= du service"))
	default:
		d.ok(check, d.in("%s may open %d, enough for --max-connections %d", "%s peut en ouvrir %d, assez pour --max-connections %d", whose, limit, d.connections))
	}
}

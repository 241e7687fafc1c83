package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Days before the end of a certificate at which it is told of: certbot and ACME renew at thirty.
const (
	renewNow  = 14
	renewSoon = 30
)

// ofCertificate looks at the certificate of --tls-cert and its key.
func (d *doctor) ofCertificate() {
	const check = "tls"
	if d.certificate == "" || d.key == "" {
		d.add(notAsked, check, d.in("no certificate file was named", "aucun fichier de certificat n'a été nommé"), d.in("behind a reverse proxy, look at the proxy's", "derrière un mandataire, regarder celui du mandataire"))
		return
	}
	pair, err := tls.LoadX509KeyPair(d.certificate, d.key)
	if err != nil {
		d.add(wrong, check, d.in("the certificate %s and its key %s are of no use: %v", "le certificat %s et sa clé %s ne servent pas : %v", d.certificate, d.key, err),
			d.in("name the files of one certificate, PEM; files of systemd's LoadCredential= are there only while the service runs", "nommer les fichiers d'un même certificat, PEM ; ceux de LoadCredential= de systemd ne sont là que tant que le service tourne"))
		return
	}
	d.ofKeyMode()
	chain, err := parsed(pair.Certificate)
	if err != nil {
		d.add(wrong, check, err.Error(), d.in("put a whole certificate and its chain there, PEM", "y mettre un certificat entier et sa chaîne, PEM"))
		return
	}
	bad := d.ofDays(check, d.certificate, chain[0])
	bad = d.ofName(chain[0]) || bad
	bad = d.ofChain(chain) || bad
	if !bad {
		d.ok(check, d.in("%s fits its key, is of %s, and ends on %s", "%s va avec sa clé, est de %s, et finit le %s", d.certificate, strings.Join(chain[0].DNSNames, ", "), chain[0].NotAfter.UTC().Format(time.DateOnly)))
	}
}

func parsed(der [][]byte) (chain []*x509.Certificate, err error) {
	for _, bytes := range der {
		c, err := x509.ParseCertificate(bytes)
		if err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("there is no certificate")
	}
	return chain, nil
}

// ofKeyMode looks at who may read the key: a group may, which the service is put into so that renewals need no restart.
func (d *doctor) ofKeyMode() {
	mode, open := readable(d.key, runtime.GOOS, os.Getenv("CREDENTIALS_DIRECTORY"))
	if open && mode&0o007 != 0 {
		d.add(wrong, "tls", d.in("everybody may read the key %s (mode %04o)", "tout le monde peut lire la clé %s (mode %04o)", d.key, mode),
			d.in("chmod o= %q, and have the certificate issued anew with another key", "chmod o= %q, et faire refaire le certificat avec une autre clé", d.key))
	}
}

// ofDays tells whether there was something to say of when a certificate ends.
func (d *doctor) ofDays(check, name string, leaf *x509.Certificate) bool {
	days := int(time.Until(leaf.NotAfter).Hours() / 24)
	end := leaf.NotAfter.UTC().Format(time.DateOnly)
	renew := d.in("renew it, and look why that is not done by itself", "le renouveler, et voir pourquoi cela ne se fait pas seul")
	switch {
	case time.Now().Before(leaf.NotBefore):
		d.add(wrong, check, d.in("%s is not valid before %s", "%s n'est valable qu'à partir du %s", name, leaf.NotBefore.UTC().Format(time.DateOnly)), d.in("look at this server's clock", "regarder l'horloge de ce serveur"))
	case time.Now().After(leaf.NotAfter):
		d.add(wrong, check, d.in("%s has expired on %s: agents and browsers refuse it", "%s a expiré le %s : agents et navigateurs le refusent", name, end), renew)
	case days < renewNow:
		d.add(wrong, check, d.in("%s ends on %s, in %d days", "%s finit le %s, dans %d jours", name, end, days), renew)
	case days < renewSoon:
		d.add(advised, check, d.in("%s ends on %s, in %d days", "%s finit le %s, dans %d jours", name, end, days), renew)
	default:
		return false
	}
	return true
}

// host is the name by which others reach the collector; "" where nobody has said it.
func (d *doctor) host() string {
	u, err := url.Parse(d.base())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// ofName tells whether the name of --address is not that of the certificate.
func (d *doctor) ofName(leaf *x509.Certificate) bool {
	host := d.host()
	if host == "" {
		return false
	}
	if err := leaf.VerifyHostname(host); err != nil {
		d.add(wrong, "tls", d.in("%s is not for %s: %v", "%s n'est pas pour %s : %v", d.certificate, host, err), d.in("have it issued for that name, or correct --address", "le faire faire pour ce nom, ou corriger --address"))
		return true
	}
	return false
}

// ofChain tells whether a certificate is not followed by those up to an authority.
func (d *doctor) ofChain(chain []*x509.Certificate) bool {
	between := x509.NewCertPool()
	for i, c := range chain[1:] {
		between.AddCert(c)
		if err := chain[i].CheckSignatureFrom(c); err != nil {
			d.add(wrong, "tls", d.in("certificate %d of %s was not signed by the one behind it: %v", "le certificat %d de %s n'est pas signé par celui d'après : %v", i+1, d.certificate, err),
				d.in("put the certificate first, and each one behind the one that it has signed (fullchain.pem)", "mettre le certificat d'abord, puis chacun derrière celui qu'il a signé (fullchain.pem)"))
			return true
		}
	}
	last := chain[len(chain)-1]
	_, err := chain[0].Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: chain[0].NotBefore.Add(time.Second)})
	if err == nil || last.CheckSignatureFrom(last) == nil || string(last.RawIssuer) == string(last.RawSubject) {
		return false // of an authority that this system knows, or of the house, whose own certificate is there
	}
	d.add(advised, "tls", d.in("the chain in %s ends with one that %q has issued, whom this system does not know", "la chaîne de %s finit par un certificat émis par %q, que ce système ne connaît pas", d.certificate, last.Issuer.String()),
		d.in("where agents and browsers do not know that authority either, put its certificate behind (fullchain.pem)", "si agents et navigateurs ne connaissent pas non plus cette autorité, ajouter son certificat derrière (fullchain.pem)"))
	return true
}

// ofACME looks at the names that certificates are to be had for, and asks the authority where it was named.
func (d *doctor) ofACME(ctx context.Context) {
	const check = "acme"
	if len(d.acme.Hosts) == 0 {
		return
	}
	for _, host := range d.acme.Hosts {
		limited, done := context.WithTimeout(ctx, patience)
		_, err := net.DefaultResolver.LookupHost(limited, host)
		done()
		if err != nil {
			d.add(wrong, check, d.in("%s has no address: %v", "%s n'a pas d'adresse : %v", host, err), d.in("enter it into the DNS, or correct --acme-host: the authority must reach it on port 443", "l'inscrire au DNS, ou corriger --acme-host : l'autorité doit l'atteindre sur le port 443"))
		}
		leaf, err := d.issued(host)
		if err != nil {
			d.add(advised, check, d.in("there is no certificate for %s yet", "il n'y a pas encore de certificat pour %s", host), d.in("start the collector, and look at its log: the first one takes some seconds", "démarrer le collecteur, et voir son journal : le premier prend quelques secondes"))
		} else if !d.ofDays(check, host, leaf) {
			d.ok(check, d.in("the certificate of %s ends on %s", "le certificat de %s finit le %s", host, leaf.NotAfter.UTC().Format(time.DateOnly)))
		}
	}
	if d.acme.Directory == "" {
		d.add(notAsked, check, d.in("Let's Encrypt is not asked", "Let's Encrypt n'est pas interrogé"), "curl -sS https://acme-v02.api.letsencrypt.org/directory")
		return
	}
	if err := d.askAuthority(ctx); err != nil {
		d.add(wrong, check, d.in("the authority %s does not answer: %v", "l'autorité %s ne répond pas : %v", d.acme.Directory, err), d.in("let this server reach it, or correct --acme-directory and --acme-ca", "laisser ce serveur l'atteindre, ou corriger --acme-directory et --acme-ca"))
		return
	}
	d.ok(check, d.in("the authority %s answers", "l'autorité %s répond", d.acme.Directory))
}

// issued is the certificate of a name that an authority has given this collector.
func (d *doctor) issued(host string) (*x509.Certificate, error) {
	text, err := os.ReadFile(filepath.Join(d.dir, "acme", filepath.Base(host)))
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errors.New("there is no certificate in it")
}

func (d *doctor) askAuthority(ctx context.Context) error {
	trusted, err := x509.SystemCertPool()
	if err != nil {
		return err
	}
	if d.acme.CA != "" {
		text, err := os.ReadFile(d.acme.CA)
		if err != nil {
			return err
		}
		if trusted = x509.NewCertPool(); !trusted.AppendCertsFromPEM(text) {
			return fmt.Errorf("there is no certificate in %s", d.acme.CA)
		}
	}
	status, _, err := askAt(ctx, d.acme.Directory, "", &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("it answers %d", status)
	}
	return err
}

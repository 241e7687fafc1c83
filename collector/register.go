package collector

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Validate says why the numbers by which others know r cannot be, or nothing. Its name and whom to reach are free text.
func (r Responsible) Validate() error {
	if r.SIREN != "" && !isSIREN(r.SIREN) {
		return fmt.Errorf("SIREN %.60q is not nine digits, without spaces, of which the last checks the others: copy it from the register", r.SIREN)
	}
	return line("the licence", r.Licence, true)
}

// isSIREN tells whether a number may be one of the French register of bodies: nine digits, the last of which is chosen so that Luhn's sum is
// a multiple of ten. The sum of nine zeros is one too, and nobody has that number.
func isSIREN(number string) bool {
	if !regexp.MustCompile(`^[0-9]{9}$`).MatchString(number) || number == "000000000" {
		return false
	}
	sum := 0
	for i, digit := range []byte(number) {
		d := int(digit - '0')
		if i%2 == 1 { // every second one from the right, and from the left since there are nine
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// Validate says why what s says of itself to others cannot be, or nothing. Its name is free text, and Zone says whether its time zone is one.
func (s Site) Validate() error {
	switch {
	case s.Scope != "" && !slices.Contains(SiteScopes(), s.Scope):
		return fmt.Errorf("scope %.60q is none of %s", s.Scope, strings.Join(SiteScopes(), ", "))
	case !regexp.MustCompile(`^[A-Za-z0-9_-]{0,20}$`).MatchString(s.Code):
		return fmt.Errorf("code %.60q is not up to 20 letters from A to Z, digits, - and _", s.Code)
	case s.Commune != "" && !regexp.MustCompile(`^([013-9][0-9]|2[AB1-9])[0-9]{3}$`).MatchString(s.Commune):
		return fmt.Errorf("commune %.60q is not an INSEE code such as 35238 or 2A004; a postal code is another number", s.Commune)
	}
	return nil
}

package table

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Number reads a number with a decimal comma or point, and with spaces, points, commas or apostrophes between thousands: 1234.56, "1 234,56",
// "1,234.56", "1.234,56", "1'234.56".
//
// One comma or point alone with three digits behind it and one to three before it, "1,234", may stand before decimals or between thousands: that is
// an error, whatever the rest of the file has, because a figure that is a thousand times too large or too small looks like any other. Where a nought
// comes first, "0,174", or there are spaces between thousands, "1 234,567", only decimals are possible and it is read. Nothing, words, units, exponents
// and infinite numbers are errors.
func Number(text string) (float64, error) {
	text = clean(text)
	x, err := numberOf(text)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a number: %w", text, err)
	}
	return x, nil
}

func numberOf(text string) (float64, error) {
	if text == "" {
		return 0, errors.New("there is nothing")
	}
	rest := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "’", "'").Replace(text)
	sign := ""
	for _, minus := range []string{"-", "−"} {
		if after, ok := strings.CutPrefix(rest, minus); ok {
			rest, sign = after, "-"
			break
		}
	}
	whole, part, err := halves(rest)
	if err != nil {
		return 0, err
	}
	if len(whole)+len(part) > 40 || !digits(whole) || part != "" && !digits(part) {
		return 0, errors.New("write it in digits, as 1234.5 or 1234,5")
	}
	x, err := strconv.ParseFloat(sign+whole+"."+part+"0", 64)
	if err != nil {
		return 0, errors.New("write it in digits, as 1234.5 or 1234,5")
	}
	return x, nil
}

// halves are the digits before and behind the decimal mark.
func halves(text string) (whole, part string, err error) {
	mark := strings.LastIndexAny(text, ",.")
	if mark < 0 {
		whole, err = grouped(text, " '")
		return whole, "", err
	}
	before, behind, sign := text[:mark], text[mark+1:], text[mark:mark+1]
	other := strings.Trim(",.", sign)
	switch {
	case behind == "" || before == "":
		return "", "", fmt.Errorf("a digit is missing beside %q", sign)
	case strings.Contains(before, sign): // 1.234.567
		whole, err = grouped(text, sign)
		return whole, "", err
	case len(behind) == 3 && len(before) <= 3 && before[0] != '0' && digits(before):
		return "", "", fmt.Errorf("it may be %s or %s: write it without a mark between thousands, and with one digit more behind the decimal mark, %s%s%s0", before+behind, before+"."+behind, before, sign, behind)
	case strings.Contains(before, other):
		whole, err = grouped(before, other)
	default:
		whole, err = grouped(before, " '")
	}
	return whole, behind, err
}

// grouped are digits without the marks between thousands, all of which have to be the same and to stand before three digits each.
func grouped(text, marks string) (string, error) {
	i := strings.IndexAny(text, marks)
	if i < 0 {
		return text, nil
	}
	groups := strings.Split(text, text[i:i+1])
	for n, g := range groups {
		if !digits(g) || len(g) > 3 || n > 0 && len(g) != 3 {
			return "", errors.New("its marks do not stand between thousands")
		}
	}
	return strings.Join(groups, ""), nil
}

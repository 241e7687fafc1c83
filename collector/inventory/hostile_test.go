package inventory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/collector/inventory"
	"veille/collector/table"
)

func TestALargeListIsReadOrRefusedSoonAndNamesNobody(t *testing.T) {
	for name, c := range map[string]struct {
		head string
		line func(i int) string
	}{
		"devices": {"site;class;bought;as;count\n", func(i int) string { return fmt.Sprintf("A;tablet;%d-%02d;new;1\n", 2000+i%26, 1+i%12) }},
		"devices of GLPI": {"Nom;Lieu;Type;Numéro de série;Utilisateur;Date d'achat\n", func(i int) string {
			return fmt.Sprintf("PC-DUPONT%d;A;Portable;SN-SECRET%d;Jean Dupont;2024-01-02\n", i, i)
		}},
		"devices that are twice": {"Nom;Lieu;Type;Numéro de série;Utilisateur;Date d'achat\n", func(i int) string {
			return fmt.Sprintf("PC-DUPONT%d;A;Portable;SN-SECRET%d;Jean Dupont;2024-01-02\n", i, i%7)
		}},
		"wrong numbers": {"Nom;Lieu;Type;Numéro de série;Numéro d'inventaire;Utilisateur;Date d'achat\n", func(i int) string {
			return fmt.Sprintf("PC-DUPONT%d;A;Portable;SN-SECRET%d;INV-SECRET%d;Jean Dupont;2024-13-02\n", i, i%7, i%11)
		}},
		"no line of titles": {"PC-DUPONT;A;Portable;SN-SECRET1;Jean Dupont;2024-01-02\n", func(i int) string {
			return fmt.Sprintf("PC-DUPONT%d;A;Portable;SN-SECRET%d;Jean Dupont;2024-01-02\n", i, i)
		}},
		"places nobody knows": {"Nom;Lieu;Type;Numéro de série\n", func(i int) string { return fmt.Sprintf("PC-DUPONT%d;Salle %d;Portable;SN-SECRET%d\n", i, i, i) }},
	} {
		var b strings.Builder
		b.WriteString(c.head)
		for i := 0; i < table.MaxRows/5 && b.Len() < table.MaxFile-200; i++ {
			b.WriteString(c.line(i))
		}
		start := time.Now()
		found, err := inventory.Read([]byte(b.String()), options("A"))
		took := time.Since(start)
		said := fmt.Sprint(err, found)
		t.Logf("%s: %d bytes, %s, %.300v", name, b.Len(), took.Round(time.Millisecond), err)
		if took > 10*time.Second {
			t.Errorf("%s: it takes %s", name, took)
		}
		for _, secret := range []string{"SECRET", "Dupont", "DUPONT"} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: %s is in what is said: %.600s", name, secret, said[strings.Index(said, secret):])
			}
		}
	}
}

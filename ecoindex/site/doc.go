// Package site finds which pages a site has: robots.txt, sitemaps, links.
package site

package practice

// documentChecks look at the text of the page.
func documentChecks() []Check {
	return []Check{
		titleMeta(), printStylesheet(), inlineCode(), carousels(), embeddedDocuments(), canvases(), socialButtons(), analytics(),
		mediaAutoplay(), mediaTracks(), plugins(), cmsPlugins(), metaRefresh(), duplicateIDs(), domSize(), domDepth(), iframes(), documentWrite(),
		emptySources(), metaViewport(), heavyHTML(), heavySVG(), hsts(), linkedDocuments(), documentSize(), oldContent(), readableText(),
	}
}

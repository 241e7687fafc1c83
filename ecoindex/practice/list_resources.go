package practice

// transferChecks look at how resources are sent.
func transferChecks() []Check {
	return []Check{
		textCompression(), cacheHeaders(), cacheDuration(), validators(), xhrCacheable(), redirects(), httpErrors(), emptyAnswers(), identicalFiles(),
		http2(), domains(), requests(), cssFiles(), combineAssets(), cookiesStatic(), setCookieStatic(), cookieLength(), dynamicPage(),
	}
}

// assetChecks look at what is in resources.
func assetChecks() []Check {
	return []Check{
		minified(), svgOptimised(), bitmapOptimised(), animatedGIF(), oldImageFormats(), fontFiles(), fontFormat(), heavyFonts(),
		cssImports(), cssImportant(), cssRules(), cssLonghand(), cssDuplicates(), cssSelectors(), sameLibrary(),
	}
}

/*
 * A stand-in for the bcryptprimitives.dll of Windows, which Wine 8 lacks and without which no Go program starts. It has
 * the one function that Go's runtime asks for: random bytes, here from advapi32, where RtlGenRandom is exported under
 * the name SystemFunction036.
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
	const ULONG most = 1 << 20; /* the count asked for may be larger than a ULONG */

	while (count > 0) {
		ULONG now = count < most ? (ULONG)count : most;
		if (!SystemFunction036(bytes, now))
			return FALSE;
		bytes += now;
		count -= now;
	}
	return TRUE;
}

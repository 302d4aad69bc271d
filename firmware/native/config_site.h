/* The one pjproject configuration of deskphone: laptop, continuous integration and image compile with this file.
 * It decides the layout of pjsip's structures, so the extension and pjsua2 must be built with the same copy;
 * its hash is part of the build id that deskphone_sipext checks when it is imported.
 */

/* A hostile message must not abort the phone: pjlib's assertions are for its developers. */
#ifndef NDEBUG
#   define NDEBUG 1
#endif

/* Signalling. The default limit of 4000 bytes leaves a TCP NOTIFY with a long body without an answer. */
#define PJ_HAS_IPV6                     1
#define PJSIP_MAX_PKT_LEN               16384
#define PJSIP_SAFE_MODULE               1
/* A site that chose UDP stays on UDP: its SIP Server need not listen on TCP for requests above 1300 bytes. */
#define PJSIP_DONT_SWITCH_TO_TCP        1
/* Whether a request came twice is judged by the policy: pjsua counts calls that were given up half a minute ago, too. */
#define PJSUA_DETECT_MERGED_REQUESTS    0
/* The machine's address is that of an interface. Its name is not looked up: where nobody answers that costs 5 to 10 s
 * before the first transport is open, and what a name server says of it is true by chance. */
#define PJ_GETHOSTIP_DISABLE_LOCAL_RESOLUTION   1

/* Calls: two lines, call waiting, a consultation and a conference on each of two sites, and room to refuse politely. */
#define PJSUA_MAX_CALLS                 16

/* pjlib gives a closed socket's place away half a second later: 64 places are 60 short calls, then refusals. */
#define PJ_IOQUEUE_MAX_HANDLES          256
/* G.722 in 15 bits, as the others speak it; in pjmedia's own 14 a far end is 6 dB too loud and we are too soft. */
#define PJMEDIA_G722_DEFAULT_PCM_SHIFT  1

/* Media. Resampling is speexdsp's: the bundled resampler is not in every distribution of the source. */
#define PJMEDIA_HAS_VIDEO               0
#define PJMEDIA_RESAMPLE_IMP            PJMEDIA_RESAMPLE_SPEEX
#define PJMEDIA_HAS_RTCP_XR             1
#define PJMEDIA_STREAM_ENABLE_XR        1

/* Milliseconds of sound device buffer. The defaults are 100 and 140, which a person hears as a slow far end. */
#define PJMEDIA_SND_DEFAULT_REC_LATENCY     40
#define PJMEDIA_SND_DEFAULT_PLAY_LATENCY    60

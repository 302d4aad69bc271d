/* Which challenges of an answer pjsip gets to see. */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include <pjsip.h>

/* Leaves of each realm's challenges the topmost that pjsip can answer; where there is none, all. */
void challenge_choose(pjsip_msg *msg);

#endif

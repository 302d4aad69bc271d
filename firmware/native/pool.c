/* Fresh memory of pjsip's pools is zeros.
 *
 * pjsua 2.17 reads the Contact of a REGISTER where it lies in the account's pool and has no zero behind it
 * (update_regc_contact in pjsua_acc.c; pjsip_parse_hdr asks for one). What is read on is what another use of the heap
 * left there. Mostly that is harmless; a comma or a semicolon makes it a Contact that cannot be read, and pjsua takes the
 * null pointer for one. A pool hands out each byte once, so zeros in the block are zeros behind every text in it.
 */

#include <stdlib.h>

#include <pj/pool.h>

#include "module.h"

static void *zeroed(pj_pool_factory *factory, pj_size_t size)
{
    void *block;

    if (factory->on_block_alloc && !factory->on_block_alloc(factory, size))
        return NULL;
    block = calloc(1, size);
    if (!block && factory->on_block_free)
        factory->on_block_free(factory, size);
    return block;
}

static void freed(pj_pool_factory *factory, void *block, pj_size_t size)
{
    if (factory->on_block_free)
        factory->on_block_free(factory, size);
    free(block);
}

/* Before pjsua makes its pool factory, which copies the policy. */
void pool_zero(void)
{
    pj_pool_factory_default_policy.block_alloc = zeroed;
    pj_pool_factory_default_policy.block_free = freed;
}

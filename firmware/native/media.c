/* What pjsua and pjmedia can and pjsua2 does not reach: which ALSA devices they know, a sound device closed whole, an end
 * to sending before a call ends, whether a stream is encrypted, our tag in the dialog of a call, and how long a packet may
 * be. */
#include "module.h"
#include <pjmedia-audiodev/alsa.h>
#include <pjsua-lib/pjsua_internal.h>

/* One name of the sequence: NULL with a Python exception set when it is not a name pjmedia can keep whole. */
static const char *device_name(PyObject *item)
{
    Py_ssize_t length;
    const char *name = PyUnicode_Check(item) ? PyUnicode_AsUTF8AndSize(item, &length) : NULL;

    if (!name) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "set_sound_devices: expected a sequence of str");
        return NULL;
    }
    if (length == 0 || length >= PJMEDIA_AUD_DEV_INFO_NAME_LEN || strlen(name) != (size_t)length) {
        PyErr_Format(PyExc_ValueError, "set_sound_devices: expected names of 1 to %d bytes, without NUL",
                     PJMEDIA_AUD_DEV_INFO_NAME_LEN - 1);
        return NULL;
    }
    return name;
}

PyObject *media_set_sound_devices(PyObject *module, PyObject *sequence)
{
    const char *names[PJMEDIA_AUD_DEV_MAX_DEVS];
    PyObject *items, *result = NULL;
    Py_ssize_t count;
    pj_status_t status;

    (void)module;
    if (!sipext_usable(PJ_FALSE))
        return NULL;
    items = PySequence_Fast(sequence, "set_sound_devices: expected a sequence of str");
    if (!items)
        return NULL;
    count = PySequence_Fast_GET_SIZE(items);
    if (count < 1 || count > PJMEDIA_AUD_DEV_MAX_DEVS) {
        PyErr_Format(PyExc_ValueError, "set_sound_devices: expected 1 to %d names, not %zd", PJMEDIA_AUD_DEV_MAX_DEVS,
                     count);
        goto end;
    }
    for (Py_ssize_t i = 0; i < count; ++i) {
        names[i] = device_name(PySequence_Fast_GET_ITEM(items, i));
        if (!names[i])
            goto end;
    }
    Py_BEGIN_ALLOW_THREADS
    status = pjmedia_aud_alsa_set_devices(NULL, (unsigned)count, names);
    Py_END_ALLOW_THREADS
    result = status == PJ_SUCCESS ? Py_NewRef(Py_None) : sipext_fail("set_sound_devices", status);
end:
    Py_DECREF(items);
    return result;
}

/* Between a card and a bridge of another rate pjsua puts a resampler and never takes it away (2.17 and the commit of
 * pjproject.toml): speexdsp's memory, 12 kB each time a card is closed. NULL where there is none. */
static pjmedia_port *resampler(pjmedia_port *bridge)
{
    pjmedia_port *port = pjsua_var.snd_port ? pjmedia_snd_port_get_port(pjsua_var.snd_port) : NULL;

    return port && port != bridge && port->info.signature == PJMEDIA_SIG_PORT_RESAMPLE ? port : NULL;
}

/* The resampler lies in the pool of the sound device, and is free of threads only when that is closed: so the pool goes
 * last. Its end would end the bridge as well, for pjsua does not tell it not to: so the bridge has no end meanwhile. */
static void close_sound(void)
{
    pjmedia_port *bridge = pjsua_var.mconf ? pjmedia_conf_get_master_port(pjsua_var.mconf) : NULL;
    pjmedia_port *left = bridge && !bridge->grp_lock ? resampler(bridge) : NULL;
    pj_status_t (*end)(pjmedia_port *);
    pj_pool_t *pool = pjsua_var.snd_pool;

    if (!left) {
        pjsua_set_no_snd_dev();
        return;
    }
    pjsua_var.snd_pool = NULL;
    pjsua_set_no_snd_dev();
    end = bridge->on_destroy;
    bridge->on_destroy = NULL;
    pjmedia_port_destroy(left);
    bridge->on_destroy = end;
    pj_pool_release(pool);
}

PyObject *media_close_sound(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    if (!sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    PJSUA_LOCK();
    close_sound();
    PJSUA_UNLOCK();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* pjsua says RTCP BYE and lets the bridge send on until it has taken the stream out: voice after a farewell, which a
 * receiver takes for somebody new (RFC 3550, 6.3.4 and appendix A.1). */
static unsigned pause_streams(pjsua_call *call)
{
    unsigned paused = 0;

    for (unsigned i = 0; i < call->med_cnt; ++i) {
        pjsua_call_media *media = &call->media[i];

        if (media->type == PJMEDIA_TYPE_AUDIO && media->strm.a.stream &&
            pjmedia_stream_pause(media->strm.a.stream, PJMEDIA_DIR_ENCODING) == PJ_SUCCESS)
            ++paused;
    }
    return paused;
}

PyObject *media_stop_sending(PyObject *module, PyObject *args)
{
    int call;
    unsigned paused = 0;

    (void)module;
    if (!PyArg_ParseTuple(args, "i:stop_sending", &call) || !sipext_usable(PJ_FALSE))
        return NULL;
    if (call < 0 || call >= PJSUA_MAX_CALLS)
        return PyErr_Format(PyExc_ValueError, "stop_sending: expected a call from 0 to %d, not %d",
                            PJSUA_MAX_CALLS - 1, call);
    Py_BEGIN_ALLOW_THREADS
    PJSUA_LOCK();
    if (pjsua_call_is_active(call))
        paused = pause_streams(&pjsua_var.calls[call]);
    PJSUA_UNLOCK();
    Py_END_ALLOW_THREADS
    return PyLong_FromUnsignedLong(paused);
}

/* Whether this media of the call has keys in use both ways, by its own transport. */
static int has_keys(pjsua_call *call, unsigned index)
{
    pjmedia_transport_info info;
    const pjmedia_srtp_info *srtp;

    if (index >= call->med_cnt || !call->media[index].tp)
        return 0;
    pjmedia_transport_info_init(&info);
    if (pjmedia_transport_get_info(call->media[index].tp, &info) != PJ_SUCCESS)
        return 0;
    srtp = pjmedia_transport_info_get_spc_info(&info, PJMEDIA_TRANSPORT_TYPE_SRTP);
    return srtp && srtp->active;
}

PyObject *media_encrypted(PyObject *module, PyObject *args)
{
    int call, index, found = 0;

    (void)module;
    if (!PyArg_ParseTuple(args, "ii:encrypted", &call, &index) || !sipext_usable(PJ_FALSE))
        return NULL;
    if (call < 0 || call >= PJSUA_MAX_CALLS || index < 0)
        return PyErr_Format(PyExc_ValueError, "encrypted: expected a call from 0 to %d and its media, not %d, %d",
                            PJSUA_MAX_CALLS - 1, call, index);
    Py_BEGIN_ALLOW_THREADS
    PJSUA_LOCK();
    if (pjsua_call_is_active(call))
        found = has_keys(&pjsua_var.calls[call], (unsigned)index);
    PJSUA_UNLOCK();
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(found);
}

PyObject *media_local_tag(PyObject *module, PyObject *args)
{
    char tag[PJ_GUID_MAX_LENGTH + 1] = "";
    int call;

    (void)module;
    if (!PyArg_ParseTuple(args, "i:local_tag", &call) || !sipext_usable(PJ_FALSE))
        return NULL;
    if (call < 0 || call >= PJSUA_MAX_CALLS)
        return PyErr_Format(PyExc_ValueError, "local_tag: expected a call from 0 to %d, not %d", PJSUA_MAX_CALLS - 1,
                            call);
    Py_BEGIN_ALLOW_THREADS
    PJSUA_LOCK();
    if (pjsua_call_is_active(call) && pjsua_var.calls[call].inv) {
        const pj_str_t *found = &pjsua_var.calls[call].inv->dlg->local.info->tag; /* a GUID of pjsip's own */

        pj_ansi_snprintf(tag, sizeof tag, "%.*s", (int)found->slen, found->ptr);
    }
    PJSUA_UNLOCK();
    Py_END_ALLOW_THREADS
    return PyUnicode_FromString(tag);
}

/* Milliseconds of a packet; of more pjmedia's buffers have no room, and nothing at all would be sent. */
#define LONGEST_PACKET 100

/* A packet is no longer than the far end takes (a=maxptime, which pjmedia reads and leaves), or than there is room for. */
void media_limit_packets(pjsua_call_id id, pjsua_on_stream_precreate_param *of)
{
    pjmedia_stream_info *info = &of->stream_info.info.aud;
    unsigned most = LONGEST_PACKET, frames, frame;

    (void)id;
    if (of->stream_info.type != PJMEDIA_TYPE_AUDIO || !info->param || !info->param->info.frm_ptime)
        return;
    frame = info->param->info.frm_ptime;
    if (info->tx_maxptime > 0 && info->tx_maxptime < most)
        most = info->tx_maxptime;
    frames = most > frame ? most / frame : 1;
    /* None is what is left of 256 in the byte that holds it. */
    if (!info->param->setting.frm_per_pkt || info->param->setting.frm_per_pkt > frames)
        info->param->setting.frm_per_pkt = (pj_uint8_t)frames;
}

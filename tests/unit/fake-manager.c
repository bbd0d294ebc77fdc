/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-manager.h"

#include <stdio.h>
#include <sys/socket.h>

#define CHECK(call)                                                                                \
        do {                                                                                       \
                int check_r_ = (call);                                                             \
                if (check_r_ < 0)                                                                  \
                        g_error("%s: %s", #call, g_strerror(-check_r_));                           \
        } while (0)

static void emit_unit(sd_bus *bus, const char *path, const FakeSignal *signal) {
        CHECK(sd_bus_emit_signal(bus, path, NOOK_DBUS_PROPERTIES, "PropertiesChanged", "sa{sv}as",
                                 NOOK_SYSTEMD_UNIT, 4, "Id", "s", FAKE_UNIT_NAME, "ActiveState",
                                 "s", signal->active, "SubState", "s",
                                 signal->sub != NULL ? signal->sub : "dead", "Job", "(uo)",
                                 signal->job, signal->job != 0 ? FAKE_JOB_PATH : "/", 0));
}

static void emit_service(sd_bus *bus, const char *path, const FakeSignal *signal) {
        CHECK(sd_bus_emit_signal(bus, path, NOOK_DBUS_PROPERTIES, "PropertiesChanged", "sa{sv}as",
                                 NOOK_SYSTEMD_SERVICE, 3, "Result", "s", signal->result,
                                 "ExecMainCode", "i", signal->code, "ExecMainStatus", "i",
                                 signal->status, 0));
}

static void emit(sd_bus *bus, const FakeSignal *signal) {
        g_autofree char *path = NULL;

        CHECK(sd_bus_path_encode(NOOK_SYSTEMD_PATH "/unit", FAKE_UNIT_NAME, &path));
        if (signal->kind == FAKE_UNIT)
                emit_unit(bus, path, signal);
        else if (signal->kind == FAKE_SERVICE)
                emit_service(bus, path, signal);
        else
                CHECK(sd_bus_emit_signal(bus, NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER, "JobRemoved",
                                         "uoss", 7, FAKE_JOB_PATH, FAKE_UNIT_NAME, signal->result));
}

static int on_start(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        FakeManager *fake = user_data;
        size_t size;
        char *text = NULL;
        FILE *stream = open_memstream(&text, &size);

        CHECK(sd_bus_message_dump(message, stream, 0));
        fclose(stream);
        g_free(fake->request);
        fake->request = g_strdup(text);
        free(text);
        if (fake->error_name != NULL)
                return sd_bus_error_set(bus_error, fake->error_name, fake->error_text);
        CHECK(sd_bus_reply_method_return(message, "o", FAKE_JOB_PATH));
        for (const FakeSignal *signal = fake->script; signal != NULL && signal->kind != FAKE_END;
             signal++)
                emit(fake->server, signal);
        return 1;
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", on_start,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* Ends when the client has closed its side. */
static gpointer serve(gpointer user_data) {
        FakeManager *fake = user_data;
        int r;

        do {
                r = sd_bus_process(fake->server, NULL);
                if (r == 0)
                        r = sd_bus_wait(fake->server, UINT64_MAX);
        } while (r >= 0);
        return NULL;
}

FakeManager *fake_manager_new(void) {
        FakeManager *fake = g_new0(FakeManager, 1);
        sd_bus *client;
        sd_id128_t id;
        int fds[2];

        CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
        CHECK(sd_id128_randomize(&id));
        CHECK(sd_bus_new(&fake->server));
        CHECK(sd_bus_set_fd(fake->server, fds[0], fds[0]));
        CHECK(sd_bus_set_server(fake->server, true, id));
        CHECK(sd_bus_set_anonymous(fake->server, true));
        CHECK(sd_bus_negotiate_fds(fake->server, true));
        CHECK(sd_bus_set_sender(fake->server, NOOK_SYSTEMD));
        CHECK(sd_bus_add_object_vtable(fake->server, NULL, NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER,
                                       manager_vtable, fake));
        CHECK(sd_bus_start(fake->server));
        CHECK(sd_bus_new(&client));
        CHECK(sd_bus_set_fd(client, fds[1], fds[1]));
        CHECK(sd_bus_set_anonymous(client, true));
        CHECK(sd_bus_negotiate_fds(client, true));
        CHECK(sd_bus_start(client));
        fake->client = nook_bus_new_take(client, true);
        fake->thread = g_thread_new("manager", serve, fake);
        return fake;
}

void fake_manager_free(FakeManager *fake) {
        nook_bus_free(fake->client);
        g_thread_join(fake->thread);
        sd_bus_flush_close_unref(fake->server);
        g_free(fake->request);
        g_free(fake);
}

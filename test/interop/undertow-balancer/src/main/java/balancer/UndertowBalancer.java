package balancer;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.proxy.mod_cluster.MCMPConfig;
import io.undertow.server.handlers.proxy.mod_cluster.ModCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * Undertow as a balancer on two ports of the loopback interface. Arguments are {@code name=value}: {@code http} (web traffic)
 * and {@code mcmp}, ports, free ones when left out; {@code health} and {@code broken}, milliseconds between two looks at the
 * nodes and until a broken one is forgotten; {@code group} (address:port, to advertise itself each 500 ms), {@code key}.
 *
 * <p>Prints {@code READY httpPort mcmpPort} and runs until its standard input ends.
 */
public final class UndertowBalancer {
    private static final String LOOPBACK = "127.0.0.1";

    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        Logger.getLogger("").setLevel(Level.parse(settings.getOrDefault("log", "WARNING")));
        int http = port(settings.get("http"));
        int mcmp = port(settings.get("mcmp"));

        XnioWorker worker = Xnio.getInstance().createWorker(OptionMap.builder()
            .set(Options.WORKER_IO_THREADS, 2)
            .set(Options.WORKER_TASK_CORE_THREADS, 8)
            .set(Options.WORKER_TASK_MAX_THREADS, 8)
            .set(Options.TCP_NODELAY, true)
            .getMap());
        // The pool sizes that WildFly sets.
        ModCluster cluster = ModCluster.builder(worker)
            .setMaxConnections(40)
            .setCacheConnections(40)
            .setRequestQueueSize(1000)
            .setQueueNewRequests(true)
            .setMaxRetries(1)
            .setHealthCheckInterval(Long.parseLong(settings.getOrDefault("health", "1000")))
            .setRemoveBrokenNodes(Long.parseLong(settings.getOrDefault("broken", "60000")))
            .build();
        // Only what comes to the management address is taken for MCMP; everything else is proxied.
        MCMPConfig.Builder builder = MCMPConfig.builder().setManagementHost(LOOPBACK).setManagementPort(mcmp);
        String group = settings.get("group");
        if (group != null) {
            int colon = group.lastIndexOf(':');
            builder.enableAdvertise()
                .setAdvertiseAddress(LOOPBACK)
                .setAdvertiseGroup(group.substring(0, colon))
                .setAdvertisePort(Integer.parseInt(group.substring(colon + 1)))
                .setAdvertiseFrequency(500)
                .setSecurityKey(settings.get("key"));
        }
        MCMPConfig config = builder.build();
        HttpHandler handler = config.create(cluster, cluster.createProxyHandler());
        cluster.start();
        try {
            Undertow.builder()
                .setWorker(worker)
                .setHandler(handler)
                .addHttpListener(http, LOOPBACK)
                .addHttpListener(mcmp, LOOPBACK)
                .build()
                .start();
            if (group != null) cluster.advertise(config);
        } catch (IOException | RuntimeException failure) {
            // The threads of the worker would keep the process alive.
            failure.printStackTrace();
            System.exit(1);
        }
        System.out.println("READY " + http + " " + mcmp);
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
        System.exit(0);
    }

    /** Undertow must be told its management port, so a free one is looked for beforehand. */
    private static int port(String setting) throws IOException {
        if (setting != null) return Integer.parseInt(setting);
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }
}

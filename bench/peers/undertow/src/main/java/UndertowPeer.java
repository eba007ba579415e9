import io.undertow.Undertow;
import io.undertow.server.handlers.proxy.mod_cluster.MCMPConfig;
import io.undertow.server.handlers.proxy.mod_cluster.ModCluster;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;

/**
 * Undertow as an MCMP balancer, to be measured beside mcmp. Arguments: the port for traffic, the port for MCMP.
 * Connections to the nodes are pooled as WildFly's mod_cluster filter pools them by default.
 */
public final class UndertowPeer {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int POOLED_PER_THREAD = 40;
    private static final int QUEUED = 1000;
    private static final int RETRIES = 1;

    private UndertowPeer() {
    }

    public static void main(String[] args) throws Exception {
        final int trafficPort = Integer.parseInt(args[0]);
        final int mcmpPort = Integer.parseInt(args[1]);
        final int cores = Runtime.getRuntime().availableProcessors();

        final var worker = Xnio.getInstance().createWorker(OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, cores)
                .set(Options.WORKER_TASK_CORE_THREADS, 8 * cores)
                .set(Options.WORKER_TASK_MAX_THREADS, 8 * cores)
                .set(Options.TCP_NODELAY, true)
                .getMap());
        final var cluster = ModCluster.builder(worker)
                .setMaxConnections(POOLED_PER_THREAD)
                .setCacheConnections(POOLED_PER_THREAD)
                .setQueueNewRequests(true)
                .setRequestQueueSize(QUEUED)
                .setMaxRetries(RETRIES)
                .build();
        final var proxy = cluster.createProxyHandler();
        final var messages = MCMPConfig.builder()
                .setManagementHost(LOOPBACK)
                .setManagementPort(mcmpPort)
                .build()
                .create(cluster, proxy);

        cluster.start();
        Undertow.builder()
                .setWorker(worker)
                .addHttpListener(trafficPort, LOOPBACK, proxy)
                .addHttpListener(mcmpPort, LOOPBACK, messages)
                .build()
                .start();
        System.out.println("{\"traffic\":" + trafficPort + ",\"mcmp\":" + mcmpPort + "}");
    }
}

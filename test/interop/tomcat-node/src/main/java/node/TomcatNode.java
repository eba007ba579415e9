package node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.IntrospectionUtils;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.jboss.modcluster.container.catalina.standalone.ModClusterListener;

/**
 * A Tomcat behind a balancer. Arguments are {@code name=value}: {@code balancer=host:port}, {@code route} ({@code none}: it is
 * given none), {@code aliases} and {@code contexts} (comma-separated; {@code /} is the root), {@code interval} (seconds between
 * two STATUS), {@code address} of its connector ({@code any}: all), {@code type} of it ({@code http}, {@code https} with
 * {@code certificate} and {@code key} as PEM files, {@code ajp} with {@code secret}, if any), {@code cookie} of its sessions. Without {@code balancer} it
 * discovers one: {@code group} (address:port), {@code key}; {@code group=none} shall discover and has no interface to.
 * {@code listener.X=value} sets any attribute of the mod_cluster listener.
 *
 * <p>Its applications answer GET with route and path, after {@code ?sleep=MILLISECONDS} when asked to, begin a session at
 * {@code ?session}, say with {@code ?request} what the container knows of the request, and stream {@code ?parts=N} lines, each sent
 * at once. POST is answered with the length and the SHA-256 of the body.
 *
 * <p>Prints {@code READY port}, then obeys lines on standard input, each answered by {@code DONE line}: {@code deploy /x},
 * {@code undeploy /x}, {@code stop /x}, {@code start /x}, {@code refresh} (leave all connections and register anew),
 * {@code ping}, {@code add host port} (a balancer), {@code stop-connector}, {@code exit}. It ends with its input, and at SIGTERM.
 */
public final class TomcatNode {
    private final Map<String, String> settings = new HashMap<>();
    private final Tomcat tomcat = new Tomcat();
    private final ModClusterListener modCluster = new ModClusterListener();
    private final AtomicBoolean leaving = new AtomicBoolean();

    public static void main(String[] arguments) throws Exception {
        TomcatNode node = new TomcatNode();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            node.settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        node.start();
        node.obey();
        node.leave();
        System.exit(0);
    }

    /** Says goodbye to the balancers, once. */
    private void leave() {
        if (!leaving.compareAndSet(false, true)) return;
        try {
            tomcat.stop();
        } catch (LifecycleException problem) {
            System.err.println(problem);
        }
        System.out.println("DONE exit");
    }

    private void start() throws Exception {
        tomcat.setBaseDir(Files.createTempDirectory("tomcat-node").toString());
        tomcat.setHostname("localhost");
        for (String alias : list("aliases", "")) tomcat.getHost().addAlias(alias);
        String route = settings.getOrDefault("route", "node1");
        if (!route.equals("none")) tomcat.getEngine().setJvmRoute(route);
        // mod_cluster hangs its periodic work on this.
        tomcat.getEngine().setBackgroundProcessorDelay(Integer.parseInt(settings.getOrDefault("interval", "1")));
        Connector connector = connector(settings.getOrDefault("type", "http"));
        tomcat.setConnector(connector);
        for (String path : list("contexts", "/one,/two")) deploy(path);
        modCluster.setConnectorPort(connector.getPort());
        if (settings.containsKey("group")) discover(settings.get("group"));
        else modCluster.setAdvertise(false);
        if (settings.containsKey("balancer")) modCluster.setProxyList(settings.get("balancer"));
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            if (setting.getKey().startsWith("listener.")) {
                IntrospectionUtils.setProperty(modCluster, setting.getKey().substring("listener.".length()), setting.getValue());
            }
        }
        tomcat.getServer().addLifecycleListener(modCluster);
        tomcat.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::leave));
        System.out.println("READY " + connector.getLocalPort());
    }

    private Connector connector(String type) throws IOException {
        Connector connector = new Connector(type.equals("ajp") ? "AJP/1.3" : "HTTP/1.1");
        connector.setPort(freePort());
        String address = settings.getOrDefault("address", "127.0.0.1");
        if (!address.equals("any")) connector.setProperty("address", address);
        if (type.equals("ajp")) {
            String secret = settings.get("secret");
            connector.setProperty("secretRequired", String.valueOf(secret != null));
            if (secret != null) connector.setProperty("secret", secret);
        } else if (type.equals("https")) {
            SSLHostConfig host = new SSLHostConfig();
            SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
            certificate.setCertificateFile(settings.get("certificate"));
            certificate.setCertificateKeyFile(settings.get("key"));
            host.addCertificate(certificate);
            connector.addSslHostConfig(host);
            connector.setScheme("https");
            connector.setSecure(true);
            connector.setProperty("SSLEnabled", "true");
        }
        return connector;
    }

    private void discover(String group) {
        modCluster.setAdvertise(true);
        if (group.equals("none")) return;
        int colon = group.lastIndexOf(':');
        modCluster.setAdvertiseGroupAddress(group.substring(0, colon));
        modCluster.setAdvertisePort(Integer.parseInt(group.substring(colon + 1)));
        modCluster.setAdvertiseInterface("127.0.0.1");
        if (settings.containsKey("key")) modCluster.setAdvertiseSecurityKey(settings.get("key"));
    }

    private void deploy(String path) {
        Context context = tomcat.addContext(path.equals("/") ? "" : path, null);
        if (settings.containsKey("cookie")) context.setSessionCookieName(settings.get("cookie"));
        Tomcat.addServlet(context, "echo", new Echo(settings.getOrDefault("route", "node1")));
        context.addServletMappingDecoded("/*", "echo");
    }

    private void obey() throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null && !line.equals("exit"); line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "deploy" -> deploy(words[1]);
                case "undeploy" -> tomcat.getHost().removeChild(context(words[1]));
                case "stop" -> context(words[1]).stop();
                case "start" -> context(words[1]).start();
                case "refresh" -> modCluster.refresh();
                case "ping" -> modCluster.ping();
                case "add" -> modCluster.addProxy(words[1], Integer.parseInt(words[2]));
                case "stop-connector" -> tomcat.getConnector().stop();
                default -> System.err.println("nobody knows the command " + line);
            }
            System.out.println("DONE " + line);
        }
    }

    private Container context(String path) {
        return tomcat.getHost().findChild(path.equals("/") ? "" : path);
    }

    private String[] list(String name, String otherwise) {
        String value = settings.getOrDefault(name, otherwise);
        return value.isEmpty() ? new String[0] : value.split(",");
    }

    /** The listener looks for its connector by number before the connector is open. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

package node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.jboss.modcluster.container.catalina.standalone.ModClusterListener;

/**
 * A Tomcat behind a balancer. Arguments are {@code name=value}: {@code balancer=host:port}, {@code route}, {@code aliases}
 * and {@code contexts} (comma-separated), {@code interval} (seconds between two STATUS). Without {@code balancer} it discovers
 * one: {@code group} (address:port), {@code key}.
 *
 * <p>Its applications answer with route and path, after {@code ?sleep=MILLISECONDS} when asked to.
 *
 * <p>Prints {@code READY port}, then obeys lines on standard input, each answered by {@code DONE line}: {@code undeploy /x},
 * {@code refresh} (leave all connections and register anew), {@code exit}. It ends with its input, too.
 */
public final class TomcatNode {
    private final Map<String, String> settings = new HashMap<>();
    private final Tomcat tomcat = new Tomcat();
    private final ModClusterListener modCluster = new ModClusterListener();

    public static void main(String[] arguments) throws Exception {
        TomcatNode node = new TomcatNode();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            node.settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        node.start();
        node.obey();
        node.tomcat.stop();
        System.out.println("DONE exit");
        System.exit(0);
    }

    private void start() throws Exception {
        tomcat.setBaseDir(Files.createTempDirectory("tomcat-node").toString());
        tomcat.setHostname("localhost");
        for (String alias : list("aliases", "")) tomcat.getHost().addAlias(alias);
        tomcat.getEngine().setJvmRoute(settings.getOrDefault("route", "node1"));
        // mod_cluster hangs its periodic work on this.
        tomcat.getEngine().setBackgroundProcessorDelay(Integer.parseInt(settings.getOrDefault("interval", "1")));
        Connector connector = new Connector("HTTP/1.1");
        connector.setPort(freePort());
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
        for (String path : list("contexts", "/one,/two")) deploy(path);
        modCluster.setConnectorPort(connector.getPort());
        if (settings.containsKey("group")) discover(settings.get("group"));
        else modCluster.setAdvertise(false);
        if (settings.containsKey("balancer")) modCluster.setProxyList(settings.get("balancer"));
        tomcat.getServer().addLifecycleListener(modCluster);
        tomcat.start();
        System.out.println("READY " + connector.getLocalPort());
    }

    private void discover(String group) {
        int colon = group.lastIndexOf(':');
        modCluster.setAdvertise(true);
        modCluster.setAdvertiseGroupAddress(group.substring(0, colon));
        modCluster.setAdvertisePort(Integer.parseInt(group.substring(colon + 1)));
        modCluster.setAdvertiseInterface("127.0.0.1");
        if (settings.containsKey("key")) modCluster.setAdvertiseSecurityKey(settings.get("key"));
    }

    private void deploy(String path) {
        Context context = tomcat.addContext(path, null);
        Tomcat.addServlet(context, "echo", new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                String sleep = request.getParameter("sleep");
                if (sleep != null) pause(Long.parseLong(sleep));
                response.setContentType("text/plain");
                response.getWriter().print(settings.getOrDefault("route", "node1") + " " + request.getRequestURI());
            }
        });
        context.addServletMappingDecoded("/*", "echo");
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey() throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null && !line.equals("exit"); line = lines.readLine()) {
            if (line.startsWith("undeploy ")) {
                tomcat.getHost().removeChild(tomcat.getHost().findChild(line.substring("undeploy ".length())));
            } else if (line.equals("refresh")) {
                modCluster.refresh();
            }
            System.out.println("DONE " + line);
        }
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

package node;

import java.util.Arrays;
import org.jboss.modcluster.container.Engine;
import org.jboss.modcluster.container.Server;
import org.jboss.modcluster.container.tomcat.ServerFactory;
import org.jboss.modcluster.container.tomcat.TomcatFactoryRegistry;
import org.jboss.modcluster.container.tomcat.TomcatServer;

/** The listener was compiled against a Tomcat whose {@code Service.getContainer()} had another return type. */
public final class Servers implements ServerFactory {
    @Override
    public Server createServer(TomcatFactoryRegistry factories, org.apache.catalina.Server catalina) {
        return new TomcatServer(factories, catalina) {
            @Override
            public Iterable<Engine> getEngines() {
                return Arrays.stream(catalina.findServices())
                        .map(service -> factories.getEngineFactory().createEngine(factories, service.getContainer(), this))
                        .toList();
            }
        };
    }
}

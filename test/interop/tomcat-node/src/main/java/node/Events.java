package node;

import java.util.function.Consumer;
import org.apache.catalina.Container;
import org.apache.catalina.ContainerEvent;
import org.apache.catalina.Engine;
import org.apache.catalina.Host;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Server;
import org.apache.catalina.Service;
import org.jboss.modcluster.container.ContainerEventHandler;
import org.jboss.modcluster.container.tomcat.LifecycleListenerFactory;
import org.jboss.modcluster.container.tomcat.TomcatConnectorConfiguration;
import org.jboss.modcluster.container.tomcat.TomcatEventHandlerAdapter;

/** Hangs the listener into a Tomcat of today, and keeps quiet about contexts that are added but not started, as 2.x does. */
public final class Events implements LifecycleListenerFactory {
    @Override
    public LifecycleListener createListener(ContainerEventHandler handler, TomcatConnectorConfiguration connector) {
        return new Adapter(handler, connector);
    }

    private static final class Adapter extends TomcatEventHandlerAdapter {
        Adapter(ContainerEventHandler handler, TomcatConnectorConfiguration connector) {
            super(handler, connector);
        }

        @Override
        public void containerEvent(ContainerEvent event) {
            if (event.getContainer() instanceof Host && Container.ADD_CHILD_EVENT.equals(event.getType())) {
                listenTo((Container) event.getData());
            } else {
                super.containerEvent(event);
            }
        }

        @Override
        protected void addListeners(Server server) {
            eachEngine(server, engine -> {
                engine.addLifecycleListener(this);
                engine.addContainerListener(this);
            }, host -> host.addContainerListener(this), this::listenTo);
        }

        @Override
        protected void removeListeners(Server server) {
            eachEngine(server, engine -> {
                engine.removeContainerListener(this);
                engine.removeLifecycleListener(this);
            }, host -> host.removeContainerListener(this), context -> {
                context.removePropertyChangeListener(this);
                context.removeLifecycleListener(this);
            });
        }

        private void listenTo(Container context) {
            context.addLifecycleListener(this);
            context.addPropertyChangeListener(this);
        }

        private static void eachEngine(Server server, Consumer<Engine> onEngine, Consumer<Container> onHost,
                Consumer<Container> onContext) {
            for (Service service : server.findServices()) {
                onEngine.accept(service.getContainer());
                for (Container host : service.getContainer().findChildren()) {
                    onHost.accept(host);
                    for (Container context : host.findChildren()) onContext.accept(context);
                }
            }
        }
    }
}

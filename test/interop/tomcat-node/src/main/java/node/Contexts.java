package node;

import java.io.IOException;
import javax.servlet.ServletException;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jboss.modcluster.container.Context;
import org.jboss.modcluster.container.Host;
import org.jboss.modcluster.container.listeners.HttpSessionListener;
import org.jboss.modcluster.container.listeners.ServletRequestListener;
import org.jboss.modcluster.container.tomcat.ContextFactory;
import org.jboss.modcluster.container.tomcat.TomcatContext;

/** The engine wants listeners of its own kind where the older Tomcat listener has those of the servlet API. */
public final class Contexts implements ContextFactory {
    @Override
    public Context createContext(org.apache.catalina.Context context, Host host) {
        return new Bridge(context, host);
    }

    private static final class Bridge extends TomcatContext {
        Bridge(org.apache.catalina.Context context, Host host) {
            super(context, host, unused -> null);
        }

        @Override
        public void addRequestListener(ServletRequestListener listener) {
            context.getPipeline().addValve(new RequestCount(listener));
        }

        @Override
        public void removeRequestListener(ServletRequestListener listener) {
            for (Valve valve : context.getPipeline().getValves()) {
                if (valve instanceof RequestCount && ((RequestCount) valve).listener.equals(listener)) {
                    context.getPipeline().removeValve(valve);
                }
            }
        }

        /** Sessions are not drained here: the node's contexts have none. */
        @Override
        public void addSessionListener(HttpSessionListener listener) {
        }

        @Override
        public void removeSessionListener(HttpSessionListener listener) {
        }
    }

    private static final class RequestCount extends ValveBase {
        private final ServletRequestListener listener;

        RequestCount(ServletRequestListener listener) {
            super(true);
            this.listener = listener;
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            listener.requestInitialized();
            try {
                getNext().invoke(request, response);
            } finally {
                listener.requestDestroyed();
            }
        }
    }
}

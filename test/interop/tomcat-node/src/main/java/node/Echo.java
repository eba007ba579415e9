package node;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** What stands behind every context. */
final class Echo extends HttpServlet {
    private final String route;

    Echo(String route) {
        this.route = route;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String sleep = request.getParameter("sleep");
        if (sleep != null) pause(Long.parseLong(sleep));
        if (request.getParameter("session") != null) request.getSession();
        response.setContentType("text/plain");
        PrintWriter writer = response.getWriter();
        String parts = request.getParameter("parts");
        for (int part = 1; parts != null && part <= Integer.parseInt(parts); part++) {
            writer.print("part " + part + "\n");
            writer.flush();
        }
        if (request.getParameter("request") != null) {
            writer.print("remote " + request.getRemoteAddr() + "\nserver " + request.getServerName() + ":" + request.getServerPort()
                    + "\nscheme " + request.getScheme() + "\nquery " + request.getQueryString()
                    + "\nvia " + request.getHeader("Via") + "\ncipher "
                    + request.getAttribute("javax.servlet.request.cipher_suite") + "\n");
        }
        writer.print(route + " " + request.getRequestURI());
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IOException(missing);
        }
        long length = 0;
        byte[] buffer = new byte[65536];
        InputStream body = request.getInputStream();
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            digest.update(buffer, 0, count);
            length += count;
        }
        response.setContentType("text/plain");
        response.getWriter().print(length + " " + HexFormat.of().formatHex(digest.digest()));
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.devsecops.rules;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.core.scanner.Category;
import org.parosproxy.paros.network.HttpHeader;
import org.parosproxy.paros.network.HttpMessage;

/** The answer sends the browser to a host that the request named. It is not followed. */
public class OpenRedirect extends Rule {

    private static final String HOST = "zqdsr.invalid";
    private static final String[] ATTACKS = {"https://" + HOST + "/", "//" + HOST + "/"};

    @Override
    public void scan(HttpMessage original, String param, String value) {
        try {
            for (String attack : ATTACKS) {
                HttpMessage message = send(param, attack);
                String target = message.getResponseHeader().getHeader(HttpHeader.LOCATION);
                int status = message.getResponseHeader().getStatusCode();
                if (status / 100 == 3 && target != null && HOST.equalsIgnoreCase(host(target))) {
                    found(message, param, attack, target);
                    return;
                }
            }
        } catch (IOException e) {
            // The engine counts what could not be sent.
        }
    }

    private static String host(String target) {
        try {
            return new URI(target.trim()).getHost();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    @Override
    public int getId() {
        return 690005;
    }

    @Override
    public String getName() {
        return "Open redirect (test rule)";
    }

    @Override
    public String getDescription() {
        return "A value of the request decides to which site the browser is sent.";
    }

    @Override
    public String getSolution() {
        return "Redirect to paths of your own only.";
    }

    @Override
    public int getCategory() {
        return Category.MISC;
    }

    @Override
    public int getRisk() {
        return Alert.RISK_MEDIUM;
    }

    @Override
    public int getCweId() {
        return 601;
    }

    @Override
    public int getWascId() {
        return 38;
    }
}

package dev.devsecops.rules;

import java.io.IOException;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.core.scanner.Category;
import org.parosproxy.paros.network.HttpMessage;

/** A tag of ours comes back as a tag in an HTML page. */
public class ReflectedXss extends Rule {

    private static final String TAG = "<zqdsx>";
    private static final String[] ATTACKS = {TAG, "\"'>" + TAG};

    @Override
    public void scan(HttpMessage original, String param, String value) {
        try {
            for (String attack : ATTACKS) {
                HttpMessage message = send(param, value + attack);
                if (message.getResponseHeader().isHtml() && body(message).contains(TAG)) {
                    found(message, param, attack, TAG);
                    return;
                }
            }
        } catch (IOException e) {
            // The engine counts what could not be sent.
        }
    }

    @Override
    public int getId() {
        return 690001;
    }

    @Override
    public String getName() {
        return "Reflected cross-site scripting (test rule)";
    }

    @Override
    public String getDescription() {
        return "A value of the request is part of the page without escaping.";
    }

    @Override
    public String getSolution() {
        return "Escape what is put into HTML.";
    }

    @Override
    public int getCategory() {
        return Category.INJECTION;
    }

    @Override
    public int getRisk() {
        return Alert.RISK_HIGH;
    }

    @Override
    public int getCweId() {
        return 79;
    }

    @Override
    public int getWascId() {
        return 8;
    }
}

package dev.devsecops.rules;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.core.scanner.Category;
import org.parosproxy.paros.network.HttpMessage;

/** A path that leads out of its folder brings the list of accounts. */
public class PathTraversal extends Rule {

    private static final Pattern ACCOUNTS = Pattern.compile("root:[^:\\s]*:0:0:");
    private static final String[] ATTACKS = {
        "../../../../../../../../../../etc/passwd", "/etc/passwd",
    };

    @Override
    public void scan(HttpMessage original, String param, String value) {
        try {
            if (ACCOUNTS.matcher(body(send(param, value))).find()) {
                return;
            }
            for (String attack : ATTACKS) {
                HttpMessage message = send(param, attack);
                Matcher accounts = ACCOUNTS.matcher(body(message));
                if (accounts.find()) {
                    found(message, param, attack, accounts.group());
                    return;
                }
            }
        } catch (IOException e) {
            // The engine counts what could not be sent.
        }
    }

    @Override
    public int getId() {
        return 690004;
    }

    @Override
    public String getName() {
        return "Path traversal (test rule)";
    }

    @Override
    public String getDescription() {
        return "A value of the request names a file outside of the folder that it is for.";
    }

    @Override
    public String getSolution() {
        return "Resolve the path and refuse what lies outside.";
    }

    @Override
    public int getCategory() {
        return Category.SERVER;
    }

    @Override
    public int getRisk() {
        return Alert.RISK_HIGH;
    }

    @Override
    public int getCweId() {
        return 22;
    }

    @Override
    public int getWascId() {
        return 33;
    }
}

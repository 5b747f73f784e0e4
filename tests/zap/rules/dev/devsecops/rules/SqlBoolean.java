package dev.devsecops.rules;

import java.io.IOException;
import java.net.URLEncoder;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.core.scanner.Category;
import org.parosproxy.paros.network.HttpMessage;

/** A true condition changes nothing, a false one does; each time it is tried. */
public class SqlBoolean extends Rule {

    /** Appended to the value: true, false, and another pair that has to do the same. */
    private static final String[][] CONDITIONS = {
        {"' AND '1'='1", "' AND '1'='2", "' AND '3'='3", "' AND '3'='4"},
        {" AND 1=1", " AND 1=2", " AND 3=3", " AND 3=4"},
        {"' AND 1=1 -- ", "' AND 1=2 -- ", "' AND 3=3 -- ", "' AND 3=4 -- "},
        {"%' AND 1=1 -- ", "%' AND 1=2 -- ", "%' AND 3=3 -- ", "%' AND 3=4 -- "},
    };

    @Override
    public void scan(HttpMessage original, String param, String value) {
        try {
            String plain = answer(param, value, value);
            if (!plain.equals(answer(param, value, value))) {
                return;
            }
            for (String[] conditions : CONDITIONS) {
                if (plain.equals(answer(param, value + conditions[0], value))
                        && differs(plain, param, value, conditions[1])
                        && plain.equals(answer(param, value + conditions[2], value))
                        && differs(plain, param, value, conditions[3])) {
                    String attack = value + conditions[1];
                    found(send(param, attack), param, attack, "");
                    return;
                }
                if (isStop()) {
                    return;
                }
            }
        } catch (IOException e) {
            // The engine counts what could not be sent.
        }
    }

    private boolean differs(String plain, String param, String value, String condition)
            throws IOException {
        return !plain.equals(answer(param, value + condition, value));
    }

    /** Returns status and page, without the value, or the one that it began with, where it is shown. */
    private String answer(String param, String value, String before) throws IOException {
        HttpMessage message = send(param, value);
        String escaped = value.replace("&", "&amp;").replace("'", "&#39;");
        String page =
                body(message)
                        .replace(value, "")
                        .replace(escaped, "")
                        .replace(escaped.replace("&#39;", "&#x27;"), "")
                        .replace(URLEncoder.encode(value, "UTF-8"), "")
                        .replace(before.isEmpty() ? value : before, "");
        return message.getResponseHeader().getStatusCode() + page;
    }

    @Override
    public int getId() {
        return 690003;
    }

    @Override
    public String getName() {
        return "SQL injection by condition (test rule)";
    }

    @Override
    public String getDescription() {
        return "A condition in a value of the request decides what the answer is.";
    }

    @Override
    public String getSolution() {
        return "Bind values to the statement.";
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
        return 89;
    }

    @Override
    public int getWascId() {
        return 19;
    }
}

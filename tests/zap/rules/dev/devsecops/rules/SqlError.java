package dev.devsecops.rules;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.core.scanner.Category;
import org.parosproxy.paros.network.HttpMessage;

/** A quote makes the database complain where a letter does not. */
public class SqlError extends Rule {

    private static final Pattern COMPLAINT =
            Pattern.compile(
                    "sqlite3?\\.(Operational|Programming)Error"
                            + "|near \"[^\"]{0,80}\": syntax error"
                            + "|unrecognized token: \""
                            + "|You have an error in your SQL syntax"
                            + "|unterminated quoted string at or near"
                            + "|ORA-0(0933|1756)");

    @Override
    public void scan(HttpMessage original, String param, String value) {
        try {
            if (COMPLAINT.matcher(body(send(param, value + "z"))).find()) {
                return;
            }
            String attack = value + "'";
            HttpMessage message = send(param, attack);
            Matcher complaint = COMPLAINT.matcher(body(message));
            if (complaint.find()) {
                found(message, param, attack, complaint.group());
            }
        } catch (IOException e) {
            // The engine counts what could not be sent.
        }
    }

    @Override
    public int getId() {
        return 690002;
    }

    @Override
    public String getName() {
        return "SQL injection by error (test rule)";
    }

    @Override
    public String getDescription() {
        return "A value of the request becomes part of an SQL statement.";
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

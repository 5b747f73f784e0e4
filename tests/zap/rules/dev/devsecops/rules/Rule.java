package dev.devsecops.rules;

import java.io.IOException;
import org.parosproxy.paros.core.scanner.AbstractAppParamPlugin;
import org.parosproxy.paros.network.HttpMessage;

/** What the active rules have in common: one request with another value, and the alert. */
abstract class Rule extends AbstractAppParamPlugin {

    /** Sends the request with `value` for the parameter; follows no redirect. */
    HttpMessage send(String param, String value) throws IOException {
        HttpMessage message = getNewMsg();
        setParameter(message, param, value);
        sendAndReceive(message, false, false);
        return message;
    }

    void found(HttpMessage message, String param, String attack, String evidence) {
        newAlert()
                .setConfidence(org.parosproxy.paros.core.scanner.Alert.CONFIDENCE_HIGH)
                .setParam(param)
                .setAttack(attack)
                .setEvidence(evidence)
                .setMessage(message)
                .raise();
    }

    String body(HttpMessage message) {
        return message.getResponseBody().toString();
    }

    @Override
    public String[] getDependency() {
        return new String[0];
    }

    @Override
    public void init() {}

    @Override
    public String getReference() {
        return "";
    }
}

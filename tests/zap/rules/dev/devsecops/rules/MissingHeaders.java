package dev.devsecops.rules;

import net.htmlparser.jericho.Source;
import org.parosproxy.paros.core.scanner.Alert;
import org.parosproxy.paros.network.HttpMessage;
import org.zaproxy.zap.extension.pscan.PluginPassiveScanner;

/** A page without the headers that tell a browser what to refuse. */
public class MissingHeaders extends PluginPassiveScanner {

    private static final String[] WANTED = {"Content-Security-Policy", "X-Content-Type-Options"};

    @Override
    public void scanHttpResponseReceive(HttpMessage message, int id, Source source) {
        int status = message.getResponseHeader().getStatusCode();
        if (status / 100 != 2 || !message.getResponseHeader().isHtml()) {
            return;
        }
        for (String name : WANTED) {
            if (message.getResponseHeader().getHeader(name) == null) {
                newAlert()
                        .setName(getName())
                        .setRisk(Alert.RISK_LOW)
                        .setConfidence(Alert.CONFIDENCE_HIGH)
                        .setDescription("A page comes without the header " + name + ".")
                        .setParam(name)
                        .setSolution("Send the header with every page.")
                        .setCweId(693)
                        .setWascId(15)
                        .raise();
            }
        }
    }

    @Override
    public String getName() {
        return "Missing security header (test rule)";
    }

    @Override
    public int getPluginId() {
        return 690006;
    }
}

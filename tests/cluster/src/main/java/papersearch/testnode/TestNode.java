package papersearch.testnode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node with what papersearch needs of it, on the loopback address only.
 *
 * <p>Arguments are settings, {@code name=value}; {@code path.home} must be among them. The node ends
 * when its standard input is closed, so it never outlives what started it.
 */
public final class TestNode extends Node {

  @SuppressWarnings({"rawtypes", "unchecked"}) // what a node is given of plug-ins is another type since version 3
  private TestNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node"),
        (Collection) plugins(),
        true);
  }

  private static List<?> plugins() {
    List<Class<? extends Plugin>> classes =
        List.of(
            plugin("transport.Netty4ModulePlugin", "transport.Netty4Plugin"),
            plugin(
                "analysis.common.CommonAnalysisModulePlugin",
                "analysis.common.CommonAnalysisPlugin"),
            plugin("painless.PainlessModulePlugin", "painless.PainlessPlugin"));
    return Version.CURRENT.major < 3 ? classes : classes.stream().map(TestNode::described).toList();
  }

  private static PluginInfo described(Class<? extends Plugin> plugin) {
    return new PluginInfo(
        plugin.getSimpleName(),
        "",
        "",
        Version.CURRENT,
        System.getProperty("java.specification.version"),
        plugin.getName(),
        null,
        List.of(),
        false);
  }

  /** The first of some classes that there is: names differ between versions. */
  private static Class<? extends Plugin> plugin(String... names) {
    for (String name : names) {
      try {
        return Class.forName("org.opensearch." + name).asSubclass(Plugin.class);
      } catch (ClassNotFoundException absent) {
        // The next one, then.
      }
    }
    throw new IllegalStateException("not in the class path: " + String.join(", ", names));
  }

  private static Settings settings(String[] arguments) throws IOException {
    Settings.Builder settings = Settings.builder();
    settings.put("network.host", "127.0.0.1");
    settings.put("transport.type", "netty4");
    settings.put("http.type", "netty4");
    for (String argument : arguments) {
      int at = argument.indexOf('=');
      String value = argument.substring(at + 1);
      if (value.contains(",")) {
        settings.putList(argument.substring(0, at), value.split(","));
      } else {
        settings.put(argument.substring(0, at), value);
      }
    }
    Files.createDirectories(Path.of(settings.get("path.home")).resolve("config"));
    return settings.build();
  }

  public static void main(String[] arguments) throws Exception {
    TestNode node = new TestNode(settings(arguments));
    node.start();
    while (System.in.read() >= 0) {
      // Nothing is said to a node: it waits for the end.
    }
    node.close();
    System.exit(0);
  }
}

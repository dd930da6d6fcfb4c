package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ListOpsTokensTest {

  @Test
  void everyTokenIsOneByte() {
    byte[] bytes =
        ListOpsTokens.encode("( ( ( ( [MAX 2 ) 9 ) ( ( ( [MIN 4 ) 7 ) ] ) ) ] )  [MED [SM 0 1");
    assertThat(new String(bytes, US_ASCII)).isEqualTo(">29<47]]~+01");
    assertThat(ListOpsTokens.decode(bytes)).isEqualTo("[MAX 2 9 [MIN 4 7 ] ] [MED [SM 0 1");
    assertThat(ListOpsTokens.encode(ListOpsTokens.decode(bytes))).isEqualTo(bytes);
    assertThat(ListOpsTokens.ALPHABET).hasSize(15);
    byte[] all = ListOpsTokens.ALPHABET.getBytes(US_ASCII);
    assertThat(ListOpsTokens.encode(ListOpsTokens.decode(all))).isEqualTo(all);
  }

  @Test
  void otherTokensAreNamed() {
    for (String token : new String[] {"[FIRST", "10", "x", "-", "[MAX2", "["}) {
      assertThatThrownBy(() -> ListOpsTokens.encode("( [MAX 3 " + token + " ]"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + token + "\" at character 9");
    }
    assertThatThrownBy(() -> ListOpsTokens.encode("( )")).hasMessageContaining("no tokens");
    assertThatThrownBy(() -> ListOpsTokens.decode(new byte[] {'X'})).hasMessageContaining("88");
  }
}

-- regs.vhd - what regs.v is: 0x00 identity "LUNQ" (read only), 0x04..0x1c scratch, 0x20 timer (write n: irq pulses for
-- one cycle after n cycles), 0x24 cycle counter; elsewhere SLVERR. Also 0x28: cycles of another clock. Port names as
-- Vivado's templates have them.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity regs is
  generic (ID : std_logic_vector(31 downto 0) := x"4c554e51"; C_S_AXI_ADDR_WIDTH : integer := 8);
  port (
    S_AXI_ACLK, S_AXI_ARESETN : in std_logic;
    S_AXI_AWADDR : in std_logic_vector(C_S_AXI_ADDR_WIDTH - 1 downto 0);
    S_AXI_AWVALID : in std_logic;
    S_AXI_AWREADY : out std_logic;
    S_AXI_WDATA : in std_logic_vector(31 downto 0);
    S_AXI_WSTRB : in std_logic_vector(3 downto 0);
    S_AXI_WVALID : in std_logic;
    S_AXI_WREADY : out std_logic;
    S_AXI_BRESP : out std_logic_vector(1 downto 0);
    S_AXI_BVALID : out std_logic;
    S_AXI_BREADY : in std_logic;
    S_AXI_ARADDR : in std_logic_vector(C_S_AXI_ADDR_WIDTH - 1 downto 0);
    S_AXI_ARVALID : in std_logic;
    S_AXI_ARREADY : out std_logic;
    S_AXI_RDATA : out std_logic_vector(31 downto 0);
    S_AXI_RRESP : out std_logic_vector(1 downto 0);
    S_AXI_RVALID : out std_logic;
    S_AXI_RREADY : in std_logic;
    core_clk : in std_logic;
    irq : out std_logic);
end entity;

architecture rtl of regs is
  type words is array (0 to 7) of std_logic_vector(31 downto 0);
  signal r : words;
  signal timer, count : unsigned(31 downto 0);
  signal core_cycles : unsigned(31 downto 0) := (others => '0');
  signal wr, rd : std_logic;
  signal wi, ri : natural range 0 to 2 ** (C_S_AXI_ADDR_WIDTH - 2) - 1;
begin
  port_i : entity work.axil_port
    port map (S_AXI_ACLK, S_AXI_ARESETN, S_AXI_AWVALID, S_AXI_AWREADY, S_AXI_WVALID, S_AXI_WREADY, S_AXI_BVALID,
              S_AXI_BREADY, S_AXI_ARVALID, S_AXI_ARREADY, S_AXI_RVALID, S_AXI_RREADY, wr, rd);
  wi <= to_integer(unsigned(S_AXI_AWADDR(C_S_AXI_ADDR_WIDTH - 1 downto 2)));
  ri <= to_integer(unsigned(S_AXI_ARADDR(C_S_AXI_ADDR_WIDTH - 1 downto 2)));

  core_cycles <= core_cycles + 1 when rising_edge(core_clk);

  process (S_AXI_ACLK) begin
    if rising_edge(S_AXI_ACLK) then
      irq <= '0';
      count <= count + 1;
      if timer /= 0 then timer <= timer - 1; end if;
      if timer = 1 then irq <= '1'; end if;
      if wr = '1' then
        S_AXI_BRESP <= "10";
        if wi >= 1 and wi <= 8 then S_AXI_BRESP <= "00"; end if;
        for i in 0 to 3 loop
          if S_AXI_WSTRB(i) = '1' and wi < 8 then
            r(wi)(8 * i + 7 downto 8 * i) <= S_AXI_WDATA(8 * i + 7 downto 8 * i);
          end if;
        end loop;
        if wi = 8 then timer <= unsigned(S_AXI_WDATA); end if;
      end if;
      if rd = '1' then
        S_AXI_RRESP <= "00";
        case ri is
          when 0 => S_AXI_RDATA <= ID;
          when 1 to 7 => S_AXI_RDATA <= r(ri);
          when 8 => S_AXI_RDATA <= std_logic_vector(timer);
          when 9 => S_AXI_RDATA <= std_logic_vector(count);
          when 10 => S_AXI_RDATA <= std_logic_vector(core_cycles);
          when others => S_AXI_RDATA <= (others => '0'); S_AXI_RRESP <= "10";
        end case;
      end if;
      if S_AXI_ARESETN = '0' then
        timer <= (others => '0');
        count <= (others => '0');
        r <= (others => (others => '0'));
      end if;
    end if;
  end process;
end architecture;
